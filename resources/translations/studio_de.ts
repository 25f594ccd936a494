<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="de" sourcelanguage="en">
    <context>
        <name>AdaptersField</name>
        <message>
            <source>How strongly {0} changes the model. Range -2 to 2, 1 = as it was made, 0.5 = half of it.</source>
            <translation>Wie stark {0} das Modell ändert. Bereich -2 bis 2, 1 = wie gemacht, 0.5 = halb so stark.</translation>
        </message>
        <message>
            <source>Lay an adapter over the model</source>
            <translation>Einen Adapter über das Modell legen</translation>
        </message>
        <message>
            <source>No other adapter here fits this model</source>
            <translation>Kein weiterer Adapter passt zu diesem Modell</translation>
        </message>
        <message>
            <source>Take {0} off</source>
            <translation>{0} abnehmen</translation>
        </message>
        <message>
            <source>Where to put them…</source>
            <translation>Wohin damit…</translation>
        </message>
        <message>
            <source>none</source>
            <translation>ohne</translation>
        </message>
    </context>
    <context>
        <name>Autosave</name>
        <message>
            <source>The autosave could not be written, so save the project yourself: {0}</source>
            <translation>Die automatische Sicherung konnte nicht geschrieben werden, bitte das Projekt selbst speichern: {0}</translation>
        </message>
    </context>
    <context>
        <name>BoxPage</name>
        <message>
            <source>Around the mask</source>
            <translation>Um die Maske</translation>
        </message>
        <message>
            <source>Height of the generation box</source>
            <translation>Höhe des Zeichenrahmens</translation>
        </message>
        <message>
            <source>Sides of the generation box</source>
            <translation>Seitenverhältnis des Zeichenrahmens</translation>
        </message>
        <message>
            <source>The mask is empty; paint something first.</source>
            <translation>Die Maske ist leer; zuerst etwas malen.</translation>
        </message>
        <message>
            <source>The relation of its sides that the generation box keeps</source>
            <translation>Das Seitenverhältnis, das der Zeichenrahmen behält</translation>
        </message>
        <message>
            <source>Whole picture</source>
            <translation>Ganzes Bild</translation>
        </message>
        <message>
            <source>Width of the generation box</source>
            <translation>Breite des Zeichenrahmens</translation>
        </message>
        <message>
            <source>free sides</source>
            <translation>freie Seiten</translation>
        </message>
    </context>
    <context>
        <name>BrushPage</name>
        <message>
            <source>Diameter in pixels of the picture  [ ]  Alt-drag</source>
            <translation>Durchmesser in Pixeln des Bildes  [ ]  Alt-Ziehen</translation>
        </message>
        <message>
            <source>Hardness</source>
            <translation>Härte</translation>
        </message>
        <message>
            <source>How much of the radius is fully covered  Shift+[ ]</source>
            <translation>Wie viel vom Radius voll deckt  Umschalt+[ ]</translation>
        </message>
        <message>
            <source>Of the whole stroke</source>
            <translation>Des ganzen Strichs</translation>
        </message>
        <message>
            <source>Opacity</source>
            <translation>Deckkraft</translation>
        </message>
        <message>
            <source>Pen pressure</source>
            <translation>Stiftdruck</translation>
        </message>
        <message>
            <source>Pen pressure changes the {0}</source>
            <translation>Stiftdruck ändert: {0}</translation>
        </message>
        <message>
            <source>Size</source>
            <translation>Größe</translation>
        </message>
        <message>
            <source>opacity</source>
            <translation>Deckkraft</translation>
        </message>
        <message>
            <source>size</source>
            <translation>Größe</translation>
        </message>
    </context>
    <context>
        <name>CandidateBar</name>
        <message>
            <source>Accept</source>
            <translation>Übernehmen</translation>
        </message>
        <message>
            <source>Candidate {0} of {1}</source>
            <translation>Vorschlag {0} von {1}</translation>
        </message>
        <message>
            <source>Candidates</source>
            <translation>Vorschläge</translation>
        </message>
        <message>
            <source>Compare</source>
            <translation>Vergleichen</translation>
        </message>
        <message>
            <source>Discard the candidate</source>
            <translation>Vorschlag verwerfen</translation>
        </message>
        <message>
            <source>Discard; it stays in the gallery  Backspace</source>
            <translation>Verwerfen; in der Galerie bleibt es  Rücktaste</translation>
        </message>
        <message>
            <source>Make it a layer  Enter</source>
            <translation>Zu einer Ebene machen  Eingabe</translation>
        </message>
        <message>
            <source>Next candidate</source>
            <translation>Nächster Vorschlag</translation>
        </message>
        <message>
            <source>Next candidate  .</source>
            <translation>Nächster Vorschlag  .</translation>
        </message>
        <message>
            <source>Previous candidate</source>
            <translation>Voriger Vorschlag</translation>
        </message>
        <message>
            <source>Previous candidate  ,</source>
            <translation>Voriger Vorschlag  ,</translation>
        </message>
        <message>
            <source>Show what is below beside it  \</source>
            <translation>Das Bild darunter daneben zeigen  \</translation>
        </message>
    </context>
    <context>
        <name>Canvas</name>
        <message>
            <source>After</source>
            <translation>Nachher</translation>
        </message>
        <message>
            <source>Before</source>
            <translation>Vorher</translation>
        </message>
        <message>
            <source>Generation box {0} × {1}</source>
            <translation>Zeichenrahmen {0} × {1}</translation>
        </message>
    </context>
    <context>
        <name>Cell</name>
        <message>
            <source> · {0:.0%} changed</source>
            <translation> · {0:.0%} geändert</translation>
        </message>
        <message>
            <source>It could not be sent.</source>
            <translation>Konnte nicht gesendet werden.</translation>
        </message>
        <message>
            <source>Stopped.</source>
            <translation>Gestoppt.</translation>
        </message>
        <message>
            <source>did not work</source>
            <translation>gelang nicht</translation>
        </message>
        <message>
            <source>waiting</source>
            <translation>wartet</translation>
        </message>
        <message>
            <source>{0:.1f} s</source>
            <translation>{0:.1f} s</translation>
        </message>
    </context>
    <context>
        <name>ChoiceField</name>
        <message>
            <source>the model's own</source>
            <translation>Standard des Modells</translation>
        </message>
        <message>
            <source>{0} (the model's own)</source>
            <translation>{0} (Standard des Modells)</translation>
        </message>
    </context>
    <context>
        <name>ClipField</name>
        <message>
            <source>Choose a clip</source>
            <translation>Einen Clip wählen</translation>
        </message>
        <message>
            <source>Clips ({0})</source>
            <translation>Clips ({0})</translation>
        </message>
        <message>
            <source>no clip is chosen</source>
            <translation>kein Clip gewählt</translation>
        </message>
    </context>
    <context>
        <name>ClipPanel</name>
        <message>
            <source>0 = nothing of it is seen.</source>
            <translation>0 = nichts davon ist zu sehen.</translation>
        </message>
        <message>
            <source>0 = silent, 100 = as it is in the file.</source>
            <translation>0 = stumm, 100 = wie in der Datei.</translation>
        </message>
        <message>
            <source>Click a clip on the timeline to see and change what is set for it.</source>
            <translation>Einen Clip auf der Zeitleiste anklicken, um seine Einstellungen zu sehen und zu ändern.</translation>
        </message>
        <message>
            <source>Clip</source>
            <translation>Clip</translation>
        </message>
        <message>
            <source>Crossfade</source>
            <translation>Überblendung</translation>
        </message>
        <message>
            <source>Faster makes the clip shorter; its sound keeps its pitch.</source>
            <translation>Schneller macht den Clip kürzer; sein Ton behält die Höhe.</translation>
        </message>
        <message>
            <source>Frames in which it is blended with what the clip before goes on with.</source>
            <translation>Bilder, in denen er mit dem überblendet wird, womit der Clip davor weitergeht.</translation>
        </message>
        <message>
            <source>In, out</source>
            <translation>In, Out</translation>
        </message>
        <message>
            <source>Made by</source>
            <translation>Gemacht mit</translation>
        </message>
        <message>
            <source>Name</source>
            <translation>Name</translation>
        </message>
        <message>
            <source>On the timeline</source>
            <translation>Auf der Zeitleiste</translation>
        </message>
        <message>
            <source>Opacity</source>
            <translation>Deckkraft</translation>
        </message>
        <message>
            <source>Speed</source>
            <translation>Tempo</translation>
        </message>
        <message>
            <source>Volume</source>
            <translation>Lautstärke</translation>
        </message>
        <message>
            <source>a picture</source>
            <translation>ein Bild</translation>
        </message>
        <message>
            <source>continue</source>
            <translation>fortsetzen</translation>
        </message>
        <message>
            <source>edit by words</source>
            <translation>mit Worten ändern</translation>
        </message>
        <message>
            <source>frames</source>
            <translation>Bilder</translation>
        </message>
        <message>
            <source>larger</source>
            <translation>größer</translation>
        </message>
        <message>
            <source>loop</source>
            <translation>Schleife</translation>
        </message>
        <message>
            <source>more frames</source>
            <translation>mehr Bilder</translation>
        </message>
    </context>
    <context>
        <name>CommandPalette</name>
        <message>
            <source>Commands</source>
            <translation>Befehle</translation>
        </message>
        <message>
            <source>Commands found</source>
            <translation>Gefundene Befehle</translation>
        </message>
        <message>
            <source>Find a command</source>
            <translation>Befehl suchen</translation>
        </message>
        <message>
            <source>Not possible just now</source>
            <translation>Gerade nicht möglich</translation>
        </message>
        <message>
            <source>Nothing is called that. Try another word.</source>
            <translation>So heißt nichts. Ein anderes Wort versuchen.</translation>
        </message>
        <message>
            <source>What do you want to do?</source>
            <translation>Was soll geschehen?</translation>
        </message>
    </context>
    <context>
        <name>CompareDialog</name>
        <message>
            <source>A painted mask or selection is used by the techniques that take one.</source>
            <translation>Eine gemalte Maske oder Auswahl wird von den Techniken verwendet, die eine nehmen.</translation>
        </message>
        <message>
            <source>As an instruction</source>
            <translation>Als Anweisung</translation>
        </message>
        <message>
            <source>Choose at least one technique.</source>
            <translation>Mindestens eine Technik wählen.</translation>
        </message>
        <message>
            <source>Compare</source>
            <translation>Vergleichen</translation>
        </message>
        <message>
            <source>Compare techniques</source>
            <translation>Techniken vergleichen</translation>
        </message>
        <message>
            <source>It should show</source>
            <translation>Es soll zeigen</translation>
        </message>
        <message>
            <source>Left out, because something they need was not said: {0}.</source>
            <translation>Weggelassen, weil eine nötige Angabe fehlt: {0}.</translation>
        </message>
        <message>
            <source>The mask is used by the techniques that take one.</source>
            <translation>Die Maske wird von den Techniken verwendet, die eine nehmen.</translation>
        </message>
        <message>
            <source>The picture shows</source>
            <translation>Das Bild zeigt</translation>
        </message>
        <message>
            <source>a cat on a green background</source>
            <translation>a cat on a green background</translation>
        </message>
        <message>
            <source>an owl on a green background</source>
            <translation>an owl on a green background</translation>
        </message>
        <message>
            <source>turn the cat into an owl</source>
            <translation>turn the cat into an owl</translation>
        </message>
    </context>
    <context>
        <name>CrashReports</name>
        <message>
            <source> A report is in {0}; it stays on this computer.</source>
            <translation> Ein Bericht liegt in {0}; er bleibt auf diesem Rechner.</translation>
        </message>
        <message>
            <source> No report could be written; copy the details if you want to keep them.</source>
            <translation> Ein Bericht konnte nicht geschrieben werden; zum Aufheben die Details kopieren.</translation>
        </message>
        <message>
            <source>Show it</source>
            <translation>Zeigen</translation>
        </message>
        <message>
            <source>Something went wrong inside the studio ({0}); your work is as it was.</source>
            <translation>Im Studio ging etwas schief ({0}); die Arbeit ist unverändert.</translation>
        </message>
        <message>
            <source>The studio was ended by a fault last time; a report is in {0} and stays on this computer.</source>
            <translation>Das Studio wurde letztes Mal durch einen Fehler beendet; ein Bericht liegt in {0} und bleibt auf diesem Rechner.</translation>
        </message>
    </context>
    <context>
        <name>CropPage</name>
        <message>
            <source>Drag the edges of the picture; Enter crops, Escape gives up</source>
            <translation>Die Kanten des Bildes ziehen; Eingabe schneidet zu, Esc bricht ab</translation>
        </message>
    </context>
    <context>
        <name>Deck</name>
        <message>
            <source>Hummed tune</source>
            <translation>Gesummte Melodie</translation>
        </message>
        <message>
            <source>Recording</source>
            <translation>Aufnahme</translation>
        </message>
    </context>
    <context>
        <name>EmptyCard</name>
        <message>
            <source>Choose films, pictures or sounds</source>
            <translation>Filme, Bilder oder Klänge wählen</translation>
        </message>
        <message>
            <source>Films, pictures and sounds ({0})</source>
            <translation>Filme, Bilder und Klänge ({0})</translation>
        </message>
        <message>
            <source>Make a clip from words, or drop one here</source>
            <translation>Einen Clip aus Worten machen oder hierher ziehen</translation>
        </message>
        <message>
            <source>No model here makes clips yet; add one in Settings, Models. Films, pictures and sounds can be cut without one.</source>
            <translation>Noch macht kein Modell hier Clips; in „Einstellungen“, „Modelle“ eines hinzufügen. Filme, Bilder und Klänge lassen sich auch ohne schneiden.</translation>
        </message>
        <message>
            <source>Start a film</source>
            <translation>Einen Film beginnen</translation>
        </message>
        <message>
            <source>Words become a clip on this computer. Films, pictures and sounds are put on the timeline below.</source>
            <translation>Aus Worten wird auf diesem Rechner ein Clip. Filme, Bilder und Klänge kommen unten auf die Zeitleiste.</translation>
        </message>
        <message>
            <source>Write the words</source>
            <translation>Worte schreiben</translation>
        </message>
    </context>
    <context>
        <name>ExportDialog</name>
        <message>
            <source>AVIF, smallest</source>
            <translation>AVIF, am kleinsten</translation>
        </message>
        <message>
            <source>All layers, as they look; masks become hidden layers.</source>
            <translation>Alle Ebenen, wie sie aussehen; Masken werden ausgeblendete Ebenen.</translation>
        </message>
        <message>
            <source>Cancel</source>
            <translation>Abbrechen</translation>
        </message>
        <message>
            <source>Export</source>
            <translation>Exportieren</translation>
        </message>
        <message>
            <source>Export the picture</source>
            <translation>Bild exportieren</translation>
        </message>
        <message>
            <source>Format</source>
            <translation>Format</translation>
        </message>
        <message>
            <source>JPEG, small, no transparency</source>
            <translation>JPEG, klein, ohne Transparenz</translation>
        </message>
        <message>
            <source>No layer here was made from a request, so there is nothing to tell.</source>
            <translation>Keine Ebene hier entstand aus einem Auftrag, es gibt also nichts zu vermerken.</translation>
        </message>
        <message>
            <source>PNG, nothing is lost</source>
            <translation>PNG, verlustfrei</translation>
        </message>
        <message>
            <source>Photoshop, with layers</source>
            <translation>Photoshop, mit Ebenen</translation>
        </message>
        <message>
            <source>Quality</source>
            <translation>Qualität</translation>
        </message>
        <message>
            <source>Say inside the file how it was made</source>
            <translation>In der Datei vermerken, wie sie entstand</translation>
        </message>
        <message>
            <source>TIFF, for print</source>
            <translation>TIFF, für den Druck</translation>
        </message>
        <message>
            <source>The generation box, {0} × {1}</source>
            <translation>Der Zeichenrahmen, {0} × {1}</translation>
        </message>
        <message>
            <source>The selection, {0} × {1}</source>
            <translation>Die Auswahl, {0} × {1}</translation>
        </message>
        <message>
            <source>The whole canvas, {0} × {1}</source>
            <translation>Die ganze Leinwand, {0} × {1}</translation>
        </message>
        <message>
            <source>The words and settings, to be read by this and other studios.</source>
            <translation>Worte und Einstellungen, lesbar für dieses und andere Studios.</translation>
        </message>
        <message>
            <source>WebP, small</source>
            <translation>WebP, klein</translation>
        </message>
        <message>
            <source>What</source>
            <translation>Was</translation>
        </message>
    </context>
    <context>
        <name>Field</name>
        <message>
            <source>Default {0}.</source>
            <translation>Standard {0}.</translation>
        </message>
        <message>
            <source>Range {0} to {1}.</source>
            <translation>Bereich {0} bis {1}.</translation>
        </message>
    </context>
    <context>
        <name>FilmExportDialog</name>
        <message>
            <source>APNG, nothing is lost, no sound</source>
            <translation>APNG, verlustfrei, ohne Ton</translation>
        </message>
        <message>
            <source>Cancel</source>
            <translation>Abbrechen</translation>
        </message>
        <message>
            <source>Export</source>
            <translation>Exportieren</translation>
        </message>
        <message>
            <source>Export the film</source>
            <translation>Film exportieren</translation>
        </message>
        <message>
            <source>Format</source>
            <translation>Format</translation>
        </message>
        <message>
            <source>Frames per second</source>
            <translation>Bilder pro Sekunde</translation>
        </message>
        <message>
            <source>GIF, 256 colours, no sound</source>
            <translation>GIF, 256 Farben, ohne Ton</translation>
        </message>
        <message>
            <source>MKV, nothing is lost</source>
            <translation>MKV, verlustfrei</translation>
        </message>
        <message>
            <source>MP4, everything plays it</source>
            <translation>MP4, läuft überall</translation>
        </message>
        <message>
            <source>OpenTimelineIO, for Kdenlive and other editors</source>
            <translation>OpenTimelineIO, für Kdenlive und andere Schnittprogramme</translation>
        </message>
        <message>
            <source>PNG frames in a folder</source>
            <translation>PNG-Bilder in einem Ordner</translation>
        </message>
        <message>
            <source>Quality</source>
            <translation>Qualität</translation>
        </message>
        <message>
            <source>Size</source>
            <translation>Größe</translation>
        </message>
        <message>
            <source>The cuts as a file, and copies of all clips in a folder beside it. Other editors go on from there.</source>
            <translation>Die Schnitte als Datei, daneben ein Ordner mit Kopien aller Clips. Andere Schnittprogramme machen damit weiter.</translation>
        </message>
        <message>
            <source>The range, {0}</source>
            <translation>Der Bereich, {0}</translation>
        </message>
        <message>
            <source>The whole film, {0}</source>
            <translation>Der ganze Film, {0}</translation>
        </message>
        <message>
            <source>WebM, for the web</source>
            <translation>WebM, für das Web</translation>
        </message>
        <message>
            <source>What</source>
            <translation>Was</translation>
        </message>
        <message>
            <source>With sound</source>
            <translation>Mit Ton</translation>
        </message>
        <message>
            <source>{0} frames of {1} × {2} px, at most about {3:.0f} MB.</source>
            <translation>{0} Bilder von {1} × {2} px, höchstens etwa {3:.0f} MB.</translation>
        </message>
    </context>
    <context>
        <name>FilmPage</name>
        <message>
            <source>Clip</source>
            <translation>Clip</translation>
        </message>
        <message>
            <source>Copying the files</source>
            <translation>Dateien werden kopiert</translation>
        </message>
        <message>
            <source>Film</source>
            <translation>Film</translation>
        </message>
        <message>
            <source>Listening for beats</source>
            <translation>Beats werden gesucht</translation>
        </message>
        <message>
            <source>No steady beat was found in this sound; set markers by hand with M.</source>
            <translation>In diesem Klang wurde kein gleichmäßiger Takt gefunden; Marken mit M von Hand setzen.</translation>
        </message>
        <message>
            <source>Reading {0}</source>
            <translation>{0} wird gelesen</translation>
        </message>
        <message>
            <source>The film's files are in “{0}” now; save the project.</source>
            <translation>Die Dateien des Films liegen jetzt in „{0}“; das Projekt speichern.</translation>
        </message>
        <message>
            <source>This clip leads from the last picture back to the first; put behind the other, both are a loop.</source>
            <translation>Dieser Clip führt vom letzten Bild zurück zum ersten; hinter den anderen gelegt, ergeben beide eine Schleife.</translation>
        </message>
        <message>
            <source>{0} beats are marked; cuts snap to them.</source>
            <translation>{0} Beats sind markiert; Schnitte rasten daran ein.</translation>
        </message>
    </context>
    <context>
        <name>FilmShelf</name>
        <message>
            <source>Reading {0}</source>
            <translation>{0} wird gelesen</translation>
        </message>
        <message>
            <source>Writing the clip</source>
            <translation>Clip wird geschrieben</translation>
        </message>
    </context>
    <context>
        <name>FolderField</name>
        <message>
            <source>Choose a folder</source>
            <translation>Einen Ordner wählen</translation>
        </message>
        <message>
            <source>Choose a folder…</source>
            <translation>Ordner wählen…</translation>
        </message>
    </context>
    <context>
        <name>GalleryModel</name>
        <message>
            <source>seed {0}</source>
            <translation>Seed {0}</translation>
        </message>
        <message>
            <source>the file is missing</source>
            <translation>die Datei fehlt</translation>
        </message>
        <message>
            <source>the file was changed</source>
            <translation>die Datei wurde geändert</translation>
        </message>
    </context>
    <context>
        <name>GalleryPanel</name>
        <message>
            <source>1 result</source>
            <translation>1 Ergebnis</translation>
        </message>
        <message>
            <source>4 ★ and up</source>
            <translation>ab 4 ★</translation>
        </message>
        <message>
            <source>Add as a layer</source>
            <translation>Als Ebene hinzufügen</translation>
        </message>
        <message>
            <source>Add to the film</source>
            <translation>Zum Film hinzufügen</translation>
        </message>
        <message>
            <source>Add to the takes</source>
            <translation>Zu den Takes hinzufügen</translation>
        </message>
        <message>
            <source>Bring back</source>
            <translation>Zurückholen</translation>
        </message>
        <message>
            <source>Choose a picture in the gallery first.</source>
            <translation>Zuerst ein Bild in der Galerie wählen.</translation>
        </message>
        <message>
            <source>Everything you make is kept here. Draw something, or drop a picture on the canvas.</source>
            <translation>Alle Ergebnisse werden hier aufgehoben. Etwas zeichnen oder ein Bild auf die Leinwand ziehen.</translation>
        </message>
        <message>
            <source>Gallery</source>
            <translation>Galerie</translation>
        </message>
        <message>
            <source>Make it again</source>
            <translation>Noch einmal machen</translation>
        </message>
        <message>
            <source>Move to the trash</source>
            <translation>In den Papierkorb</translation>
        </message>
        <message>
            <source>Nothing here fits. Take a filter away or search for other words.</source>
            <translation>Nichts passt. Einen Filter wegnehmen oder nach anderen Worten suchen.</translation>
        </message>
        <message>
            <source>Rate</source>
            <translation>Bewerten</translation>
        </message>
        <message>
            <source>Result</source>
            <translation>Ergebnis</translation>
        </message>
        <message>
            <source>Search the gallery</source>
            <translation>Galerie durchsuchen</translation>
        </message>
        <message>
            <source>Search the words</source>
            <translation>In den Worten suchen</translation>
        </message>
        <message>
            <source>Show in its folder</source>
            <translation>Im Ordner zeigen</translation>
        </message>
        <message>
            <source>Show more rows</source>
            <translation>Mehr Zeilen zeigen</translation>
        </message>
        <message>
            <source>Show where it came from</source>
            <translation>Zeigen, woher es kommt</translation>
        </message>
        <message>
            <source>Technique</source>
            <translation>Technik</translation>
        </message>
        <message>
            <source>The picture is in the trash.</source>
            <translation>Das Bild ist im Papierkorb.</translation>
        </message>
        <message>
            <source>The picture of this layer is in the gallery no more.</source>
            <translation>Das Bild dieser Ebene ist nicht mehr in der Galerie.</translation>
        </message>
        <message>
            <source>The settings of this result cannot be read by this version.</source>
            <translation>Die Einstellungen dieses Ergebnisses kann diese Version nicht lesen.</translation>
        </message>
        <message>
            <source>Use its settings</source>
            <translation>Einstellungen verwenden</translation>
        </message>
        <message>
            <source>any technique</source>
            <translation>jede Technik</translation>
        </message>
        <message>
            <source>in the trash</source>
            <translation>im Papierkorb</translation>
        </message>
        <message>
            <source>no stars</source>
            <translation>keine Sterne</translation>
        </message>
        <message>
            <source>today</source>
            <translation>heute</translation>
        </message>
        <message>
            <source>{0} pictures are in the trash.</source>
            <translation>{0} Bilder sind im Papierkorb.</translation>
        </message>
        <message>
            <source>{0} results</source>
            <translation>{0} Ergebnisse</translation>
        </message>
    </context>
    <context>
        <name>Grip</name>
        <message>
            <source>Drag the candidate out</source>
            <translation>Vorschlag herausziehen</translation>
        </message>
        <message>
            <source>Drag the picture to a folder or another program</source>
            <translation>Das Bild in einen Ordner oder ein anderes Programm ziehen</translation>
        </message>
        <message>
            <source>Drag to another place; or Up and Down</source>
            <translation>An eine andere Stelle ziehen; oder Auf und Ab</translation>
        </message>
        <message>
            <source>Move the job</source>
            <translation>Auftrag verschieben</translation>
        </message>
    </context>
    <context>
        <name>HandPage</name>
        <message>
            <source>100 %</source>
            <translation>100 %</translation>
        </message>
        <message>
            <source>Fit</source>
            <translation>Einpassen</translation>
        </message>
        <message>
            <source>Space pans, Shift+Space turns, the wheel zooms</source>
            <translation>Leertaste verschiebt, Umschalt+Leertaste dreht, das Mausrad zoomt</translation>
        </message>
        <message>
            <source>Straighten</source>
            <translation>Gerade stellen</translation>
        </message>
    </context>
    <context>
        <name>Head</name>
        <message>
            <source>Hide or show {0}</source>
            <translation>{0} aus- oder einblenden</translation>
        </message>
        <message>
            <source>Mute or hear {0}</source>
            <translation>{0} stumm oder hörbar schalten</translation>
        </message>
    </context>
    <context>
        <name>Heads</name>
        <message>
            <source>Tracks</source>
            <translation>Spuren</translation>
        </message>
    </context>
    <context>
        <name>HistoryModel</name>
        <message>
            <source>Before the steps that are still known</source>
            <translation>Vor den noch bekannten Schritten</translation>
        </message>
        <message>
            <source>Beginning</source>
            <translation>Anfang</translation>
        </message>
        <message>
            <source>now</source>
            <translation>jetzt</translation>
        </message>
        <message>
            <source>saved</source>
            <translation>gespeichert</translation>
        </message>
        <message>
            <source>undone</source>
            <translation>zurückgenommen</translation>
        </message>
    </context>
    <context>
        <name>HistoryPanel</name>
        <message>
            <source>1 step, {1:.1f} of {2} MB</source>
            <translation>1 Schritt, {1:.1f} von {2} MB</translation>
        </message>
        <message>
            <source>History</source>
            <translation>Protokoll</translation>
        </message>
        <message>
            <source>{0} steps, {1:.1f} of {2} MB</source>
            <translation>{0} Schritte, {1:.1f} von {2} MB</translation>
        </message>
    </context>
    <context>
        <name>Installer</name>
        <message>
            <source>Copy it</source>
            <translation>Kopieren</translation>
        </message>
        <message>
            <source>Copying {0} was stopped; nothing of it was kept.</source>
            <translation>Das Kopieren von {0} wurde gestoppt; nichts davon wurde behalten.</translation>
        </message>
        <message>
            <source>Lay “{0}” over models?</source>
            <translation>„{0}“ als Adapter verwenden?</translation>
        </message>
        <message>
            <source>Leave it where it is</source>
            <translation>An seinem Ort lassen</translation>
        </message>
        <message>
            <source>Use “{0}” as a model?</source>
            <translation>„{0}“ als Modell verwenden?</translation>
        </message>
        <message>
            <source>{0}. It can stay where it is, or be copied to your models; a copy stays usable when the original goes.</source>
            <translation>{0}. Es kann bleiben, wo es ist, oder zu den Modellen kopiert werden; eine Kopie bleibt nutzbar, wenn das Original verschwindet.</translation>
        </message>
    </context>
    <context>
        <name>JobRow</name>
        <message>
            <source>Details</source>
            <translation>Details</translation>
        </message>
        <message>
            <source>Details of the error</source>
            <translation>Details zum Fehler</translation>
        </message>
        <message>
            <source>Go on with it</source>
            <translation>Fortsetzen</translation>
        </message>
        <message>
            <source>Hide details</source>
            <translation>Details ausblenden</translation>
        </message>
        <message>
            <source>Preview</source>
            <translation>Vorschau</translation>
        </message>
        <message>
            <source>Progress</source>
            <translation>Fortschritt</translation>
        </message>
        <message>
            <source>Stop the job</source>
            <translation>Auftrag stoppen</translation>
        </message>
        <message>
            <source>Take off the list</source>
            <translation>Aus der Liste nehmen</translation>
        </message>
        <message>
            <source>Try again</source>
            <translation>Noch einmal</translation>
        </message>
        <message>
            <source>done</source>
            <translation>fertig</translation>
        </message>
        <message>
            <source>failed</source>
            <translation>gescheitert</translation>
        </message>
        <message>
            <source>loading the model</source>
            <translation>Modell laden</translation>
        </message>
        <message>
            <source>paused</source>
            <translation>angehalten</translation>
        </message>
        <message>
            <source>starting</source>
            <translation>startet</translation>
        </message>
        <message>
            <source>step {0} of {1}</source>
            <translation>Schritt {0} von {1}</translation>
        </message>
        <message>
            <source>stopped</source>
            <translation>gestoppt</translation>
        </message>
        <message>
            <source>waiting</source>
            <translation>wartet</translation>
        </message>
        <message>
            <source>{0} left</source>
            <translation>noch {0}</translation>
        </message>
        <message>
            <source>{0} of {1}</source>
            <translation>{0} von {1}</translation>
        </message>
        <message>
            <source>{0} × {1}</source>
            <translation>{0} × {1}</translation>
        </message>
    </context>
    <context>
        <name>KeyMasksField</name>
        <message>
            <source>Paint a mask on the clip</source>
            <translation>Eine Maske auf den Clip malen</translation>
        </message>
        <message>
            <source>all of it</source>
            <translation>alles</translation>
        </message>
        <message>
            <source>{0} from an earlier request</source>
            <translation>{0} aus einem früheren Auftrag</translation>
        </message>
        <message>
            <source>{0} on the clip</source>
            <translation>{0} auf dem Clip</translation>
        </message>
    </context>
    <context>
        <name>LayerList</name>
        <message>
            <source>Layer</source>
            <translation>Ebene</translation>
        </message>
        <message>
            <source>Layers</source>
            <translation>Ebenen</translation>
        </message>
        <message>
            <source>Rename</source>
            <translation>Umbenennen</translation>
        </message>
    </context>
    <context>
        <name>LayerModel</name>
        <message>
            <source>1 layer</source>
            <translation>1 Ebene</translation>
        </message>
        <message>
            <source>Rename</source>
            <translation>Umbenennen</translation>
        </message>
        <message>
            <source>empty</source>
            <translation>leer</translation>
        </message>
        <message>
            <source>feather {0:g} px</source>
            <translation>weiche Kante {0:g} px</translation>
        </message>
        <message>
            <source>hidden</source>
            <translation>ausgeblendet</translation>
        </message>
        <message>
            <source>locked</source>
            <translation>gesperrt</translation>
        </message>
        <message>
            <source>no feather</source>
            <translation>harte Kante</translation>
        </message>
        <message>
            <source>no words yet</source>
            <translation>ohne Worte</translation>
        </message>
        <message>
            <source>nothing painted yet</source>
            <translation>noch leer</translation>
        </message>
        <message>
            <source>seed {0}</source>
            <translation>Seed {0}</translation>
        </message>
        <message>
            <source>shown</source>
            <translation>sichtbar</translation>
        </message>
        <message>
            <source>{0} layers</source>
            <translation>{0} Ebenen</translation>
        </message>
    </context>
    <context>
        <name>LayersPanel</name>
        <message>
            <source>Blend mode</source>
            <translation>Mischmodus</translation>
        </message>
        <message>
            <source>Compare with and without the layer</source>
            <translation>Mit und ohne die Ebene vergleichen</translation>
        </message>
        <message>
            <source>Delete the layer</source>
            <translation>Ebene löschen</translation>
        </message>
        <message>
            <source>Feather</source>
            <translation>Weiche Kante</translation>
        </message>
        <message>
            <source>Group the chosen layers</source>
            <translation>Gewählte Ebenen gruppieren</translation>
        </message>
        <message>
            <source>How much of the layer is seen.</source>
            <translation>Wie viel von der Ebene zu sehen ist.</translation>
        </message>
        <message>
            <source>How the layer is mixed with what is below it</source>
            <translation>Wie sich die Ebene mit dem darunter mischt</translation>
        </message>
        <message>
            <source>New layer</source>
            <translation>Neue Ebene</translation>
        </message>
        <message>
            <source>New mask</source>
            <translation>Neue Maske</translation>
        </message>
        <message>
            <source>New region with words of its own</source>
            <translation>Neue Region mit eigenen Worten</translation>
        </message>
        <message>
            <source>Opacity</source>
            <translation>Deckkraft</translation>
        </message>
        <message>
            <source>Softness of the mask's edge in pixels of the picture; what is painted stays as it is.</source>
            <translation>Weichheit der Maskenkante in Pixeln des Bildes; das Gemalte bleibt, wie es ist.</translation>
        </message>
        <message>
            <source>What you accept, open or paint is stacked here.</source>
            <translation>Was übernommen, geöffnet oder gemalt wird, liegt hier übereinander.</translation>
        </message>
    </context>
    <context>
        <name>LevelMeter</name>
        <message>
            <source>Level</source>
            <translation>Pegel</translation>
        </message>
        <message>
            <source>Level: {0}</source>
            <translation>Pegel: {0}</translation>
        </message>
        <message>
            <source>it was too loud</source>
            <translation>übersteuert</translation>
        </message>
        <message>
            <source>silent</source>
            <translation>stumm</translation>
        </message>
    </context>
    <context>
        <name>LineageDialog</name>
        <message>
            <source>A picture that was not made here, or is in the gallery no more.</source>
            <translation>Ein Bild, das nicht hier entstand oder nicht mehr in der Galerie ist.</translation>
        </message>
        <message>
            <source>Add as a layer</source>
            <translation>Als Ebene hinzufügen</translation>
        </message>
        <message>
            <source>Back to the picture before</source>
            <translation>Zurück zum vorigen Bild</translation>
        </message>
        <message>
            <source>Became</source>
            <translation>Wurde zu</translation>
        </message>
        <message>
            <source>Made from</source>
            <translation>Entstanden aus</translation>
        </message>
        <message>
            <source>Nothing yet. Accept it as a layer and draw on.</source>
            <translation>Noch nichts. Als Ebene übernehmen und weiterzeichnen.</translation>
        </message>
        <message>
            <source>Show {0}</source>
            <translation>{0} zeigen</translation>
        </message>
        <message>
            <source>The same request.</source>
            <translation>Derselbe Auftrag.</translation>
        </message>
        <message>
            <source>Use its settings</source>
            <translation>Einstellungen verwenden</translation>
        </message>
        <message>
            <source>Where the picture came from</source>
            <translation>Woher das Bild kommt</translation>
        </message>
        <message>
            <source>Words alone.</source>
            <translation>Nur aus Worten.</translation>
        </message>
        <message>
            <source>seed {0}</source>
            <translation>Seed {0}</translation>
        </message>
        <message>
            <source>{0} more are not shown.</source>
            <translation>{0} weitere werden nicht gezeigt.</translation>
        </message>
    </context>
    <context>
        <name>List</name>
        <message>
            <source>Takes</source>
            <translation>Takes</translation>
        </message>
    </context>
    <context>
        <name>Making</name>
        <message>
            <source>Being made</source>
            <translation>In Arbeit</translation>
        </message>
        <message>
            <source>Preview</source>
            <translation>Vorschau</translation>
        </message>
        <message>
            <source>Progress</source>
            <translation>Fortschritt</translation>
        </message>
        <message>
            <source>Stop the job</source>
            <translation>Auftrag stoppen</translation>
        </message>
        <message>
            <source>paused</source>
            <translation>angehalten</translation>
        </message>
        <message>
            <source>starting</source>
            <translation>startet</translation>
        </message>
        <message>
            <source>waiting</source>
            <translation>wartet</translation>
        </message>
        <message>
            <source>{0} left</source>
            <translation>noch {0}</translation>
        </message>
    </context>
    <context>
        <name>MaskBar</name>
        <message>
            <source>Done</source>
            <translation>Fertig</translation>
        </message>
        <message>
            <source>Erase; Shift or the right button does too, and X changes to it and back</source>
            <translation>Radieren; das tun auch Umschalt oder die rechte Taste, und X wechselt hin und zurück</translation>
        </message>
        <message>
            <source>Mask at this frame</source>
            <translation>Maske an diesem Bild</translation>
        </message>
        <message>
            <source>Mask on the clip</source>
            <translation>Maske auf dem Clip</translation>
        </message>
        <message>
            <source>Of the brush, as a share of the clip; the wheel changes it, and [ and ]</source>
            <translation>Des Pinsels, als Anteil des Clips; das Mausrad ändert sie, und [ und ]</translation>
        </message>
        <message>
            <source>On the picture, arrow keys move the brush (with Shift by its width) and Space paints; Escape ends</source>
            <translation>Auf dem Bild bewegen die Pfeiltasten den Pinsel (mit Umschalt um seine Breite), die Leertaste malt; Escape beendet</translation>
        </message>
        <message>
            <source>Remove the mask of this frame</source>
            <translation>Maske dieses Bildes entfernen</translation>
        </message>
        <message>
            <source>Size</source>
            <translation>Größe</translation>
        </message>
        <message>
            <source>erase</source>
            <translation>radieren</translation>
        </message>
        <message>
            <source>paint</source>
            <translation>malen</translation>
        </message>
    </context>
    <context>
        <name>Masker</name>
        <message>
            <source>Choose a clip of the film to paint a mask on it.</source>
            <translation>Zum Malen einer Maske einen Clip des Films wählen.</translation>
        </message>
    </context>
    <context>
        <name>MelodyField</name>
        <message>
            <source>Take the notes of the take in view</source>
            <translation>Die Noten des gezeigten Takes nehmen</translation>
        </message>
        <message>
            <source>found when it is made</source>
            <translation>werden beim Machen gesucht</translation>
        </message>
        <message>
            <source>{0} from an earlier request</source>
            <translation>{0} aus einem früheren Auftrag</translation>
        </message>
        <message>
            <source>{0} of the take in view</source>
            <translation>{0} aus dem gezeigten Take</translation>
        </message>
    </context>
    <context>
        <name>MovePage</name>
        <message>
            <source>Angle</source>
            <translation>Winkel</translation>
        </message>
        <message>
            <source>Left edge</source>
            <translation>Linke Kante</translation>
        </message>
        <message>
            <source>Upper edge</source>
            <translation>Obere Kante</translation>
        </message>
    </context>
    <context>
        <name>MusicPage</name>
        <message>
            <source>Above it is the last colour</source>
            <translation>Darüber gilt die letzte Farbe</translation>
        </message>
        <message>
            <source>Add sounds</source>
            <translation>Klänge hinzufügen</translation>
        </message>
        <message>
            <source>All files (*)</source>
            <translation>Alle Dateien (*)</translation>
        </message>
        <message>
            <source>All grow lighter (paper: darker) with the level, so they read in grey too</source>
            <translation>Alle werden mit dem Pegel heller (Papier: dunkler) und sind so auch in Grau lesbar</translation>
        </message>
        <message>
            <source>Arrange the tune</source>
            <translation>Melodie arrangieren</translation>
        </message>
        <message>
            <source>Axis</source>
            <translation>Achse</translation>
        </message>
        <message>
            <source>Before and after</source>
            <translation>Vorher und nachher</translation>
        </message>
        <message>
            <source>Below it is the first colour</source>
            <translation>Darunter gilt die erste Farbe</translation>
        </message>
        <message>
            <source>Colours</source>
            <translation>Farben</translation>
        </message>
        <message>
            <source>Follow the playhead</source>
            <translation>Dem Abspielkopf folgen</translation>
        </message>
        <message>
            <source>How pitch is spaced: evenly in notes, as the ear hears (mel), or in Hz</source>
            <translation>Wie die Tonhöhe verteilt ist: gleichmäßig in Noten, wie das Ohr hört (Mel) oder in Hz</translation>
        </message>
        <message>
            <source>In the marked region</source>
            <translation>Im markierten Bereich</translation>
        </message>
        <message>
            <source>Length of the window</source>
            <translation>Länge des Fensters</translation>
        </message>
        <message>
            <source>Loudest</source>
            <translation>Lauteste</translation>
        </message>
        <message>
            <source>No tune was found in {0}; it takes one voice, note after note.</source>
            <translation>In {0} wurde keine Melodie gefunden; es braucht eine einzelne Stimme, Note für Note.</translation>
        </message>
        <message>
            <source>Quietest</source>
            <translation>Leiseste</translation>
        </message>
        <message>
            <source>Quietest and loudest colour</source>
            <translation>Leiseste und lauteste Farbe</translation>
        </message>
        <message>
            <source>See all of the sound</source>
            <translation>Den ganzen Klang zeigen</translation>
        </message>
        <message>
            <source>Short is sharp in time, long is sharp in pitch; 93 ms is usual</source>
            <translation>Kurz ist scharf in der Zeit, lang scharf in der Tonhöhe; üblich sind 93 ms</translation>
        </message>
        <message>
            <source>Show the tune</source>
            <translation>Melodie zeigen</translation>
        </message>
        <message>
            <source>Sounds ({0})</source>
            <translation>Klänge ({0})</translation>
        </message>
        <message>
            <source>Spectrogram</source>
            <translation>Spektrogramm</translation>
        </message>
        <message>
            <source>Spectrum under the pointer</source>
            <translation>Spektrum unter dem Zeiger</translation>
        </message>
        <message>
            <source>Stop it</source>
            <translation>Stoppen</translation>
        </message>
        <message>
            <source>Takes</source>
            <translation>Takes</translation>
        </message>
        <message>
            <source>Tools for sounds</source>
            <translation>Werkzeuge für Klänge</translation>
        </message>
        <message>
            <source>Zoom in</source>
            <translation>Vergrößern</translation>
        </message>
        <message>
            <source>Zoom out</source>
            <translation>Verkleinern</translation>
        </message>
        <message>
            <source>grey</source>
            <translation>Grau</translation>
        </message>
        <message>
            <source>linear</source>
            <translation>linear</translation>
        </message>
        <message>
            <source>mel</source>
            <translation>Mel</translation>
        </message>
        <message>
            <source>notes (log pitch)</source>
            <translation>Noten (log. Tonhöhe)</translation>
        </message>
        <message>
            <source>paper</source>
            <translation>Papier</translation>
        </message>
        <message>
            <source>{0} notes were found in {1}; mend them with T.</source>
            <translation>{0} Noten wurden in {1} gefunden; mit T ausbessern.</translation>
        </message>
        <message>
            <source>“{0}” is no sound; drop wav, flac, ogg, mp3 or a film here.</source>
            <translation>„{0}“ ist kein Klang; wav, flac, ogg, mp3 oder einen Film hierher ziehen.</translation>
        </message>
    </context>
    <context>
        <name>NoticeBar</name>
        <message>
            <source>Caution</source>
            <translation>Achtung</translation>
        </message>
        <message>
            <source>Close the message</source>
            <translation>Meldung schließen</translation>
        </message>
        <message>
            <source>Copy the details</source>
            <translation>Details kopieren</translation>
        </message>
        <message>
            <source>Details</source>
            <translation>Details</translation>
        </message>
        <message>
            <source>Details of the message</source>
            <translation>Details zur Meldung</translation>
        </message>
        <message>
            <source>Error</source>
            <translation>Fehler</translation>
        </message>
        <message>
            <source>Hide details</source>
            <translation>Details ausblenden</translation>
        </message>
        <message>
            <source>Information</source>
            <translation>Hinweis</translation>
        </message>
        <message>
            <source>Message</source>
            <translation>Meldung</translation>
        </message>
    </context>
    <context>
        <name>OptionsBar</name>
        <message>
            <source>Adds to the mask. Ctrl subtracts</source>
            <translation>Fügt zur Maske hinzu. Strg zieht ab</translation>
        </message>
        <message>
            <source>Grow, shrink, feather or smooth the mask</source>
            <translation>Maske erweitern, verkleinern, weichzeichnen oder glätten</translation>
        </message>
        <message>
            <source>Paint the mask</source>
            <translation>Maske malen</translation>
        </message>
        <message>
            <source>Paint the mask, and back  Q</source>
            <translation>Maske malen, und zurück  Q</translation>
        </message>
        <message>
            <source>See the masks alone</source>
            <translation>Nur die Masken zeigen</translation>
        </message>
        <message>
            <source>See the masks alone, white on black  Shift+Q</source>
            <translation>Nur die Masken zeigen, Weiß auf Schwarz  Umschalt+Q</translation>
        </message>
        <message>
            <source>Selects. Shift adds, Ctrl subtracts</source>
            <translation>Wählt aus. Umschalt fügt hinzu, Strg zieht ab</translation>
        </message>
        <message>
            <source>Settings of the tool</source>
            <translation>Einstellungen des Werkzeugs</translation>
        </message>
    </context>
    <context>
        <name>Overview</name>
        <message>
            <source>Click to put the playhead; Left and Right move it by a second.</source>
            <translation>Klicken setzt den Abspielkopf; Links und Rechts bewegen ihn um eine Sekunde.</translation>
        </message>
        <message>
            <source>The whole sound</source>
            <translation>Der ganze Klang</translation>
        </message>
    </context>
    <context>
        <name>PairField</name>
        <message>
            <source>from</source>
            <translation>von</translation>
        </message>
        <message>
            <source>to</source>
            <translation>bis</translation>
        </message>
    </context>
    <context>
        <name>PickPage</name>
        <message>
            <source>Click to take the colour under the pointer</source>
            <translation>Klicken nimmt die Farbe unter dem Zeiger auf</translation>
        </message>
    </context>
    <context>
        <name>Projects</name>
        <message>
            <source>All files (*)</source>
            <translation>Alle Dateien (*)</translation>
        </message>
        <message>
            <source>Export elsewhere</source>
            <translation>Woanders exportieren</translation>
        </message>
        <message>
            <source>Exported as {0}.</source>
            <translation>Exportiert als {0}.</translation>
        </message>
        <message>
            <source>No keeps that file and asks for another name.</source>
            <translation>„Nein“ behält diese Datei und fragt nach einem anderen Namen.</translation>
        </message>
        <message>
            <source>Nothing was opened or saved yet</source>
            <translation>Noch wurde nichts geöffnet oder gespeichert</translation>
        </message>
        <message>
            <source>Open</source>
            <translation>Öffnen</translation>
        </message>
        <message>
            <source>Open what is left</source>
            <translation>Den Rest öffnen</translation>
        </message>
        <message>
            <source>Open {0}</source>
            <translation>{0} öffnen</translation>
        </message>
        <message>
            <source>OpenRaster projects ({0})</source>
            <translation>OpenRaster-Projekte ({0})</translation>
        </message>
        <message>
            <source>Projects ({0})</source>
            <translation>Projekte ({0})</translation>
        </message>
        <message>
            <source>Projects and pictures ({0})</source>
            <translation>Projekte und Bilder ({0})</translation>
        </message>
        <message>
            <source>Recent files</source>
            <translation>Zuletzt benutzte Dateien</translation>
        </message>
        <message>
            <source>Replace</source>
            <translation>Ersetzen</translation>
        </message>
        <message>
            <source>Save elsewhere</source>
            <translation>Woanders speichern</translation>
        </message>
        <message>
            <source>Save the changes to “{0}”?</source>
            <translation>Änderungen an „{0}“ speichern?</translation>
        </message>
        <message>
            <source>Save the project</source>
            <translation>Projekt speichern</translation>
        </message>
        <message>
            <source>Saved as {0}.</source>
            <translation>Gespeichert als {0}.</translation>
        </message>
        <message>
            <source>Saving was stopped; {0} is as it was before.</source>
            <translation>Das Speichern wurde gestoppt; {0} ist wie zuvor.</translation>
        </message>
        <message>
            <source>The project was not saved, and your work is still here: {0}</source>
            <translation>Das Projekt wurde nicht gespeichert, die Arbeit ist noch da: {0}</translation>
        </message>
        <message>
            <source>Untitled</source>
            <translation>Unbenannt</translation>
        </message>
        <message>
            <source>Without saving, what you did since the last time is lost.</source>
            <translation>Ohne Speichern geht verloren, was seit dem letzten Mal getan wurde.</translation>
        </message>
        <message>
            <source>“{0}” was changed by another program. Replace it?</source>
            <translation>„{0}“ wurde von einem anderen Programm geändert. Ersetzen?</translation>
        </message>
    </context>
    <context>
        <name>PromptBox</name>
        <message>
            <source>Ctrl+↑ weighs a word</source>
            <translation>Strg+↑ gewichtet ein Wort</translation>
        </message>
        <message>
            <source>Length of the words</source>
            <translation>Länge der Worte</translation>
        </message>
        <message>
            <source>Select where “{0}” acts in the picture</source>
            <translation>Auswählen, wo „{0}“ im Bild wirkt</translation>
        </message>
        <message>
            <source>Show where a word acts in the picture</source>
            <translation>Zeigen, wo ein Wort im Bild wirkt</translation>
        </message>
        <message>
            <source>The model reads the first {0} tokens; what comes after is left out.</source>
            <translation>Das Modell liest die ersten {0} Token; was danach kommt, fällt weg.</translation>
        </message>
        <message>
            <source>This small model knows only: {0}.</source>
            <translation>Dieses kleine Modell kennt nur: {0}.</translation>
        </message>
        <message>
            <source>about </source>
            <translation>etwa </translation>
        </message>
        <message>
            <source>not taught: {0}</source>
            <translation>nicht gelernt: {0}</translation>
        </message>
        <message>
            <source>{0}1 token</source>
            <translation>{0}1 Token</translation>
        </message>
        <message>
            <source>{0}{1}{2} tokens</source>
            <translation>{0}{1}{2} Token</translation>
        </message>
    </context>
    <context>
        <name>QueuePanel</name>
        <message>
            <source>Go on with the queue</source>
            <translation>Warteschlange fortsetzen</translation>
        </message>
        <message>
            <source>Jobs</source>
            <translation>Aufträge</translation>
        </message>
        <message>
            <source>Nothing is waiting. What you draw is listed here while it is made.</source>
            <translation>Nichts wartet. Was gezeichnet wird, steht währenddessen hier.</translation>
        </message>
        <message>
            <source>Pause the queue</source>
            <translation>Warteschlange anhalten</translation>
        </message>
        <message>
            <source>and {0} more</source>
            <translation>und {0} weitere</translation>
        </message>
    </context>
    <context>
        <name>RecoveryCard</name>
        <message>
            <source>Ask again at the next start</source>
            <translation>Beim nächsten Start wieder fragen</translation>
        </message>
        <message>
            <source>Discard</source>
            <translation>Verwerfen</translation>
        </message>
        <message>
            <source>Look at it</source>
            <translation>Ansehen</translation>
        </message>
        <message>
            <source>Picture of {0}</source>
            <translation>Bild von {0}</translation>
        </message>
        <message>
            <source>Restore</source>
            <translation>Wiederherstellen</translation>
        </message>
        <message>
            <source>The studio ended without saving. This is what it had kept until then.</source>
            <translation>Das Studio endete ohne Speichern. Dies ist, was es bis dahin aufgehoben hatte.</translation>
        </message>
        <message>
            <source>Work that was not saved</source>
            <translation>Nicht gespeicherte Arbeit</translation>
        </message>
        <message>
            <source>Your work is still here</source>
            <translation>Die Arbeit ist noch da</translation>
        </message>
        <message>
            <source>kept at {0}</source>
            <translation>aufgehoben um {0}</translation>
        </message>
    </context>
    <context>
        <name>RefineBar</name>
        <message>
            <source>Apply</source>
            <translation>Anwenden</translation>
        </message>
        <message>
            <source>Border</source>
            <translation>Rand</translation>
        </message>
        <message>
            <source>Cancel  Esc</source>
            <translation>Abbrechen  Esc</translation>
        </message>
        <message>
            <source>Change the mask</source>
            <translation>Maske ändern</translation>
        </message>
        <message>
            <source>Feather</source>
            <translation>Weiche Kante</translation>
        </message>
        <message>
            <source>Grow</source>
            <translation>Erweitern</translation>
        </message>
        <message>
            <source>Leave the mask as it is</source>
            <translation>Maske lassen, wie sie ist</translation>
        </message>
        <message>
            <source>Pixels of the picture</source>
            <translation>Pixel des Bildes</translation>
        </message>
        <message>
            <source>Selection</source>
            <translation>Auswahl</translation>
        </message>
        <message>
            <source>Shrink</source>
            <translation>Verkleinern</translation>
        </message>
        <message>
            <source>Smooth</source>
            <translation>Glätten</translation>
        </message>
        <message>
            <source>The mask is empty; paint something first.</source>
            <translation>Die Maske ist leer; zuerst etwas malen.</translation>
        </message>
        <message>
            <source>There is no mask or selection yet; paint or select something first.</source>
            <translation>Es gibt noch keine Maske oder Auswahl; zuerst etwas malen oder auswählen.</translation>
        </message>
        <message>
            <source>What to do</source>
            <translation>Was zu tun ist</translation>
        </message>
        <message>
            <source>by</source>
            <translation>um</translation>
        </message>
    </context>
    <context>
        <name>RegionEditor</name>
        <message>
            <source>Change the region</source>
            <translation>Region ändern</translation>
        </message>
        <message>
            <source>Colour of the region</source>
            <translation>Farbe der Region</translation>
        </message>
        <message>
            <source>How strongly the words are drawn to this place: 0 = not at all, 1 = usual, 2 = twice that.</source>
            <translation>Wie stark die Worte zu diesem Ort gezogen werden: 0 = gar nicht, 1 = üblich, 2 = doppelt so stark.</translation>
        </message>
        <message>
            <source>Strength</source>
            <translation>Stärke</translation>
        </message>
        <message>
            <source>The colour that this region is shown in</source>
            <translation>Die Farbe, in der diese Region gezeigt wird</translation>
        </message>
        <message>
            <source>What should be here</source>
            <translation>Was hier sein soll</translation>
        </message>
        <message>
            <source>Words for what is painted in this colour; use words that are in the prompt too</source>
            <translation>Worte für das in dieser Farbe Gemalte; am besten solche, die auch im Prompt stehen</translation>
        </message>
        <message>
            <source>Words of the region</source>
            <translation>Worte der Region</translation>
        </message>
    </context>
    <context>
        <name>RegionPanel</name>
        <message>
            <source>Keeps what is played and changes what plays it, where it is marked, else everywhere</source>
            <translation>Behält, was gespielt wird, und ändert das Instrument, wo markiert ist, sonst überall</translation>
        </message>
        <message>
            <source>Make or drop in a sound first.</source>
            <translation>Zuerst einen Klang machen oder hineinziehen.</translation>
        </message>
        <message>
            <source>Makes what is marked silent; needs no model</source>
            <translation>Macht das Markierte stumm; braucht kein Modell</translation>
        </message>
        <message>
            <source>Mark something on the spectrogram first.</source>
            <translation>Zuerst etwas im Spektrogramm markieren.</translation>
        </message>
        <message>
            <source>No model here can do this; add one of music in Settings, Models.</source>
            <translation>Kein Modell hier kann das; in „Einstellungen“, „Modelle“ eines für Musik hinzufügen.</translation>
        </message>
        <message>
            <source>Nothing is marked: brush, lasso or rectangle on the left.</source>
            <translation>Nichts ist markiert: links Pinsel, Lasso oder Rechteck.</translation>
        </message>
        <message>
            <source>Plays what is marked anew under your words; the rest stays bit for bit</source>
            <translation>Spielt das Markierte nach den Worten neu; der Rest bleibt Bit für Bit</translation>
        </message>
        <message>
            <source>The sound goes on beyond its end, in its own beat</source>
            <translation>Der Klang geht über sein Ende hinaus weiter, im eigenen Takt</translation>
        </message>
        <message>
            <source>extend</source>
            <translation>verlängern</translation>
        </message>
        <message>
            <source>regenerate</source>
            <translation>neu spielen</translation>
        </message>
        <message>
            <source>remove</source>
            <translation>entfernen</translation>
        </message>
        <message>
            <source>replace the instrument</source>
            <translation>Instrument wechseln</translation>
        </message>
        <message>
            <source>{0} to {1}, {2:.0f} to {3:.0f} Hz</source>
            <translation>{0} bis {1}, {2:.0f} bis {3:.0f} Hz</translation>
        </message>
    </context>
    <context>
        <name>RegionsField</name>
        <message>
            <source>1 on the canvas</source>
            <translation>1 auf der Leinwand</translation>
        </message>
        <message>
            <source>New region with words of its own</source>
            <translation>Neue Region mit eigenen Worten</translation>
        </message>
        <message>
            <source>Take the regions on the canvas</source>
            <translation>Die Regionen auf der Leinwand nehmen</translation>
        </message>
        <message>
            <source>{0} from an earlier request</source>
            <translation>{0} aus einem früheren Auftrag</translation>
        </message>
        <message>
            <source>{0} on the canvas</source>
            <translation>{0} auf der Leinwand</translation>
        </message>
    </context>
    <context>
        <name>RenderBar</name>
        <message>
            <source>Export</source>
            <translation>Exportieren</translation>
        </message>
        <message>
            <source>Share that is exported</source>
            <translation>Exportierter Anteil</translation>
        </message>
        <message>
            <source>Stop the export</source>
            <translation>Export stoppen</translation>
        </message>
    </context>
    <context>
        <name>Renders</name>
        <message>
            <source>Export elsewhere</source>
            <translation>Woanders exportieren</translation>
        </message>
        <message>
            <source>Exported as {0}.</source>
            <translation>Exportiert als {0}.</translation>
        </message>
        <message>
            <source>The export was stopped; nothing of {0} is left.</source>
            <translation>Der Export wurde gestoppt; von {0} bleibt nichts.</translation>
        </message>
        <message>
            <source>{0} could not be exported ({1}).</source>
            <translation>{0} konnte nicht exportiert werden ({1}).</translation>
        </message>
    </context>
    <context>
        <name>Row</name>
        <message>
            <source>Discard it; it stays in the gallery</source>
            <translation>Verwerfen; in der Galerie bleibt es</translation>
        </message>
        <message>
            <source>Discard {0}</source>
            <translation>{0} verwerfen</translation>
        </message>
        <message>
            <source>Keep it in the document</source>
            <translation>Im Dokument behalten</translation>
        </message>
        <message>
            <source>Keep {0}</source>
            <translation>{0} behalten</translation>
        </message>
        <message>
            <source>Pause {0}</source>
            <translation>{0} anhalten</translation>
        </message>
        <message>
            <source>Play {0}</source>
            <translation>{0} abspielen</translation>
        </message>
        <message>
            <source>before</source>
            <translation>vorher</translation>
        </message>
        <message>
            <source>dropped in</source>
            <translation>hineingezogen</translation>
        </message>
        <message>
            <source>edited here</source>
            <translation>hier bearbeitet</translation>
        </message>
        <message>
            <source>new</source>
            <translation>neu</translation>
        </message>
        <message>
            <source>recorded</source>
            <translation>aufgenommen</translation>
        </message>
        <message>
            <source>seed {0}</source>
            <translation>Seed {0}</translation>
        </message>
    </context>
    <context>
        <name>Screen</name>
        <message>
            <source>Erases</source>
            <translation>Radiert</translation>
        </message>
        <message>
            <source>Paints</source>
            <translation>Malt</translation>
        </message>
        <message>
            <source>Picture of the film</source>
            <translation>Bild des Films</translation>
        </message>
        <message>
            <source>{0} from the left, {1} from the top</source>
            <translation>{0} von links, {1} von oben</translation>
        </message>
    </context>
    <context>
        <name>SectionHead</name>
        <message>
            <source>Fold {0}</source>
            <translation>{0} einklappen</translation>
        </message>
        <message>
            <source>Unfold {0}</source>
            <translation>{0} ausklappen</translation>
        </message>
    </context>
    <context>
        <name>SeedRow</name>
        <message>
            <source>Throw a new seed</source>
            <translation>Neuen Seed würfeln</translation>
        </message>
    </context>
    <context>
        <name>Sentence</name>
        <message>
            <source>A film has between 1 and 240 frames a second.</source>
            <translation>Ein Film hat 1 bis 240 Bilder pro Sekunde.</translation>
        </message>
        <message>
            <source>A film is 2 to 16384 pixels wide and high, not {0} x {1}.</source>
            <translation>Ein Film ist 2 bis 16384 Pixel breit und hoch, nicht {0} x {1}.</translation>
        </message>
        <message>
            <source>A group cannot be put into itself.</source>
            <translation>Eine Gruppe kann nicht in sich selbst liegen.</translation>
        </message>
        <message>
            <source>A layer of {0} places is none of a picture of {1} x {2} latent pixels.</source>
            <translation>Eine Schicht von {0} Stellen gehört zu keinem Bild von {1} x {2} latenten Pixeln.</translation>
        </message>
        <message>
            <source>A linear spectrogram has bins, not bands.</source>
            <translation>Ein lineares Spektrogramm hat Bins, keine Bänder.</translation>
        </message>
        <message>
            <source>A model of your own.</source>
            <translation>Ein eigenes Modell.</translation>
        </message>
        <message>
            <source>A model of your own. It draws with the solver and the noise levels that it came with.</source>
            <translation>Ein eigenes Modell. Es zeichnet mit dem Solver und den Rauschstufen, mit denen es kam.</translation>
        </message>
        <message>
            <source>A network that predicts {0} cannot be distilled.</source>
            <translation>Ein Netz, das {0} vorhersagt, lässt sich nicht destillieren.</translation>
        </message>
        <message>
            <source>A picture has no speed; drag its edge to show it longer.</source>
            <translation>Ein Bild hat kein Tempo; am Rand ziehen, um es länger zu zeigen.</translation>
        </message>
        <message>
            <source>A preset needs a name of letters or digits.</source>
            <translation>Eine Vorgabe braucht einen Namen aus Buchstaben oder Ziffern.</translation>
        </message>
        <message>
            <source>A project is exported alone; leave the other files out.</source>
            <translation>Ein Projekt wird allein exportiert; die anderen Dateien weglassen.</translation>
        </message>
        <message>
            <source>A run needs at least two noise levels.</source>
            <translation>Ein Lauf braucht mindestens zwei Rauschstufen.</translation>
        </message>
        <message>
            <source>A run of {0} steps cannot start at step {1}.</source>
            <translation>Ein Lauf von {0} Schritten kann nicht bei Schritt {1} beginnen.</translation>
        </message>
        <message>
            <source>A sound of {0} channels cannot be edited; export it with {1} at most.</source>
            <translation>Ein Klang mit {0} Kanälen lässt sich nicht bearbeiten; mit höchstens {1} exportieren.</translation>
        </message>
        <message>
            <source>A strength lies between 0 and 1.</source>
            <translation>Eine Stärke liegt zwischen 0 und 1.</translation>
        </message>
        <message>
            <source>A window of {0} ms every {1} ms at {2} Hz does not cover the sound; the hop must be at most half the window.</source>
            <translation>Ein Fenster von {0} ms alle {1} ms bei {2} Hz deckt den Klang nicht ab; der Abstand darf höchstens ein halbes Fenster sein.</translation>
        </message>
        <message>
            <source>A {0} adapter: models that it is laid over draw in few steps.</source>
            <translation>Ein {0}-Adapter: Modelle, über die er gelegt wird, zeichnen in wenigen Schritten.</translation>
        </message>
        <message>
            <source>A {0} model of your own, for few steps.</source>
            <translation>Ein eigenes {0}-Modell für wenige Schritte.</translation>
        </message>
        <message>
            <source>Accept</source>
            <translation>Übernehmen</translation>
        </message>
        <message>
            <source>Accept {0}</source>
            <translation>{0} übernehmen</translation>
        </message>
        <message>
            <source>Add a region in the layers, paint where it is and write what should be there.</source>
            <translation>In den Ebenen eine Region hinzufügen, malen, wo sie ist, und schreiben, was da sein soll.</translation>
        </message>
        <message>
            <source>Add a track for pictures</source>
            <translation>Spur für Bilder hinzufügen</translation>
        </message>
        <message>
            <source>Add a track for sound</source>
            <translation>Spur für Klang hinzufügen</translation>
        </message>
        <message>
            <source>Add {0}</source>
            <translation>{0} hinzufügen</translation>
        </message>
        <message>
            <source>An adapter of your own.</source>
            <translation>Ein eigener Adapter.</translation>
        </message>
        <message>
            <source>Apply transform</source>
            <translation>Transformation anwenden</translation>
        </message>
        <message>
            <source>Begin of the range</source>
            <translation>Anfang des Bereichs</translation>
        </message>
        <message>
            <source>Blend mode</source>
            <translation>Mischmodus</translation>
        </message>
        <message>
            <source>Brush</source>
            <translation>Pinsel</translation>
        </message>
        <message>
            <source>Canvas</source>
            <translation>Leinwand</translation>
        </message>
        <message>
            <source>Change pixels</source>
            <translation>Pixel ändern</translation>
        </message>
        <message>
            <source>Change the region</source>
            <translation>Region ändern</translation>
        </message>
        <message>
            <source>Choose a clip on the timeline first; where there is none yet, make one from words or drop one in.</source>
            <translation>Zuerst einen Clip auf der Zeitleiste wählen; gibt es noch keinen, einen aus Worten machen oder hineinziehen.</translation>
        </message>
        <message>
            <source>Choose a second take: press A/B on another one in the list.</source>
            <translation>Einen zweiten Take wählen: in der Liste bei einem anderen A/B drücken.</translation>
        </message>
        <message>
            <source>Choose a stretch of time</source>
            <translation>Zeitbereich wählen</translation>
        </message>
        <message>
            <source>Choose one or more layers to group.</source>
            <translation>Zum Gruppieren eine oder mehrere Ebenen wählen.</translation>
        </message>
        <message>
            <source>Choose the folder with the sound files.</source>
            <translation>Den Ordner mit den Klangdateien wählen.</translation>
        </message>
        <message>
            <source>Clear</source>
            <translation>Leeren</translation>
        </message>
        <message>
            <source>Click to put the playhead, drag to move the picture</source>
            <translation>Klicken setzt den Abspielkopf, Ziehen verschiebt die Ansicht</translation>
        </message>
        <message>
            <source>Copy</source>
            <translation>Kopieren</translation>
        </message>
        <message>
            <source>Copy the files beside the project</source>
            <translation>Dateien neben das Projekt kopieren</translation>
        </message>
        <message>
            <source>Could not be read: {0}.</source>
            <translation>Nicht lesbar: {0}.</translation>
        </message>
        <message>
            <source>Crop</source>
            <translation>Zuschneiden</translation>
        </message>
        <message>
            <source>Crop document</source>
            <translation>Leinwand zuschneiden</translation>
        </message>
        <message>
            <source>Crossfade</source>
            <translation>Überblendung</translation>
        </message>
        <message>
            <source>Delete layer</source>
            <translation>Ebene löschen</translation>
        </message>
        <message>
            <source>Delete {0}</source>
            <translation>{0} löschen</translation>
        </message>
        <message>
            <source>Delete {0} layers</source>
            <translation>{0} Ebenen löschen</translation>
        </message>
        <message>
            <source>Deselect</source>
            <translation>Auswahl aufheben</translation>
        </message>
        <message>
            <source>Discard a candidate</source>
            <translation>Einen Vorschlag verwerfen</translation>
        </message>
        <message>
            <source>Discard {0}</source>
            <translation>{0} verwerfen</translation>
        </message>
        <message>
            <source>Discard {0} candidates</source>
            <translation>{0} Vorschläge verwerfen</translation>
        </message>
        <message>
            <source>Drag a note to another pitch; its ends to another length; double click for a new one, Delete takes one away; or the arrow keys</source>
            <translation>Eine Note auf eine andere Tonhöhe ziehen; ihre Enden auf eine andere Länge; Doppelklick für eine neue, Entf nimmt eine weg; oder die Pfeiltasten</translation>
        </message>
        <message>
            <source>Drag over a stretch of time and pitch; Ctrl takes it away, a click marks nothing</source>
            <translation>Über einen Bereich von Zeit und Tonhöhe ziehen; Strg nimmt ihn weg, ein Klick markiert nichts</translation>
        </message>
        <message>
            <source>Drag over the time that is to be played round and round; a click chooses none</source>
            <translation>Über die Zeit ziehen, die als Schleife spielen soll; ein Klick wählt keine</translation>
        </message>
        <message>
            <source>Draw around what should change; Ctrl takes it away, a click marks nothing</source>
            <translation>Umranden, was sich ändern soll; Strg nimmt es weg, ein Klick markiert nichts</translation>
        </message>
        <message>
            <source>Duplicate {0}</source>
            <translation>{0} duplizieren</translation>
        </message>
        <message>
            <source>Edit</source>
            <translation>Bearbeiten</translation>
        </message>
        <message>
            <source>Ellipse</source>
            <translation>Ellipse</translation>
        </message>
        <message>
            <source>End of the range</source>
            <translation>Ende des Bereichs</translation>
        </message>
        <message>
            <source>Eraser</source>
            <translation>Radierer</translation>
        </message>
        <message>
            <source>Feather</source>
            <translation>Weiche Kante</translation>
        </message>
        <message>
            <source>File</source>
            <translation>Datei</translation>
        </message>
        <message>
            <source>Fill</source>
            <translation>Füllen</translation>
        </message>
        <message>
            <source>Film</source>
            <translation>Film</translation>
        </message>
        <message>
            <source>Flip {0}</source>
            <translation>{0} spiegeln</translation>
        </message>
        <message>
            <source>Four hours were listened to: the first {0} of {1} files.</source>
            <translation>Vier Stunden wurden angehört: die ersten {0} von {1} Dateien.</translation>
        </message>
        <message>
            <source>Generation box</source>
            <translation>Zeichenrahmen</translation>
        </message>
        <message>
            <source>Gradient</source>
            <translation>Verlauf</translation>
        </message>
        <message>
            <source>Group</source>
            <translation>Gruppe</translation>
        </message>
        <message>
            <source>Group layers</source>
            <translation>Ebenen gruppieren</translation>
        </message>
        <message>
            <source>Grow layer</source>
            <translation>Ebene vergrößern</translation>
        </message>
        <message>
            <source>Hand</source>
            <translation>Hand</translation>
        </message>
        <message>
            <source>Hard cut</source>
            <translation>Harter Schnitt</translation>
        </message>
        <message>
            <source>Hear {0}</source>
            <translation>{0} hörbar machen</translation>
        </message>
        <message>
            <source>Held-out error {0} before, {1} after ({2} %).</source>
            <translation>Fehler an den zurückgehaltenen Stücken: {0} vorher, {1} nachher ({2} %).</translation>
        </message>
        <message>
            <source>Held-out error {0} before, {1} after: it has not learnt what the held-out pieces have in common; give it more sound or more steps.</source>
            <translation>Fehler an den zurückgehaltenen Stücken: {0} vorher, {1} nachher; es hat nicht gelernt, was sie gemeinsam haben; mehr Klang oder mehr Schritte geben.</translation>
        </message>
        <message>
            <source>Help</source>
            <translation>Hilfe</translation>
        </message>
        <message>
            <source>Hide</source>
            <translation>Ausblenden</translation>
        </message>
        <message>
            <source>Hide {0}</source>
            <translation>{0} ausblenden</translation>
        </message>
        <message>
            <source>How near the model's finished pictures, beside the model itself in so few steps: {0}.</source>
            <translation>Wie nah an den fertigen Bildern des Modells, neben dem Modell selbst in so wenigen Schritten: {0}.</translation>
        </message>
        <message>
            <source>Image guidance needs a model that takes a picture as extra channels.</source>
            <translation>Image Guidance braucht ein Modell, das ein Bild als zusätzliche Kanäle nimmt.</translation>
        </message>
        <message>
            <source>Invert the mask</source>
            <translation>Maske umkehren</translation>
        </message>
        <message>
            <source>Invert the selection</source>
            <translation>Auswahl umkehren</translation>
        </message>
        <message>
            <source>It is {0} dB away from the recording (log-spectral distance).</source>
            <translation>Es ist {0} dB von der Aufnahme entfernt (log-spektraler Abstand).</translation>
        </message>
        <message>
            <source>Its beat was heard as {0} bpm; say the tempo in the words if that is wrong.</source>
            <translation>Als Tempo wurden {0} bpm gehört; falls das nicht stimmt, es in den Worten nennen.</translation>
        </message>
        <message>
            <source>Keep {0}</source>
            <translation>{0} behalten</translation>
        </message>
        <message>
            <source>Lasso</source>
            <translation>Lasso</translation>
        </message>
        <message>
            <source>Layer</source>
            <translation>Ebene</translation>
        </message>
        <message>
            <source>Left out because they hold no pixels: {0}.</source>
            <translation>Weggelassen, da ohne Pixel: {0}.</translation>
        </message>
        <message>
            <source>Lock {0}</source>
            <translation>{0} sperren</translation>
        </message>
        <message>
            <source>Look back (overlap) had no effect: the picture was moved, and no frames were drawn that could look back.</source>
            <translation>Rückblick (overlap) hatte keine Wirkung: Das Bild wurde bewegt, und es wurden keine Bilder gezeichnet, die zurückblicken könnten.</translation>
        </message>
        <message>
            <source>Magic wand</source>
            <translation>Zauberstab</translation>
        </message>
        <message>
            <source>Mark a rectangle</source>
            <translation>Rechteck markieren</translation>
        </message>
        <message>
            <source>Mark nothing</source>
            <translation>Nichts markieren</translation>
        </message>
        <message>
            <source>Mark on the spectrogram what should change: a rectangle, a lasso or the brush.</source>
            <translation>Im Spektrogramm markieren, was sich ändern soll: mit Rechteck, Lasso oder Pinsel.</translation>
        </message>
        <message>
            <source>Mark the beats</source>
            <translation>Beats markieren</translation>
        </message>
        <message>
            <source>Mark with a brush</source>
            <translation>Mit dem Pinsel markieren</translation>
        </message>
        <message>
            <source>Mark with a lasso</source>
            <translation>Mit dem Lasso markieren</translation>
        </message>
        <message>
            <source>Marker</source>
            <translation>Marke</translation>
        </message>
        <message>
            <source>Mask</source>
            <translation>Maske</translation>
        </message>
        <message>
            <source>Mask from the selection</source>
            <translation>Maske aus der Auswahl</translation>
        </message>
        <message>
            <source>Mend the tune</source>
            <translation>Melodie ausbessern</translation>
        </message>
        <message>
            <source>Merge all that is shown</source>
            <translation>Alles Sichtbare zusammenfügen</translation>
        </message>
        <message>
            <source>Merge {0}</source>
            <translation>{0} zusammenfügen</translation>
        </message>
        <message>
            <source>Merge {0} down</source>
            <translation>{0} nach unten zusammenfügen</translation>
        </message>
        <message>
            <source>Merged</source>
            <translation>Zusammengefügt</translation>
        </message>
        <message>
            <source>Model</source>
            <translation>Modell</translation>
        </message>
        <message>
            <source>Motion modules of your own.</source>
            <translation>Eigene Bewegungsmodule.</translation>
        </message>
        <message>
            <source>Move</source>
            <translation>Verschieben</translation>
        </message>
        <message>
            <source>Move keyframe</source>
            <translation>Keyframe verschieben</translation>
        </message>
        <message>
            <source>Move layer</source>
            <translation>Ebene verschieben</translation>
        </message>
        <message>
            <source>Move marker</source>
            <translation>Marke verschieben</translation>
        </message>
        <message>
            <source>Move the sound, put the playhead</source>
            <translation>Ansicht verschieben, Abspielkopf setzen</translation>
        </message>
        <message>
            <source>Move {0}</source>
            <translation>{0} verschieben</translation>
        </message>
        <message>
            <source>Music</source>
            <translation>Musik</translation>
        </message>
        <message>
            <source>Mute {0}</source>
            <translation>{0} stummschalten</translation>
        </message>
        <message>
            <source>Nearly nothing changed. Raise “Follow the words”, lower “Keep the picture”, or say it in other words.</source>
            <translation>Fast nichts hat sich geändert. „Den Worten folgen“ erhöhen, „Das Bild behalten“ senken oder es anders sagen.</translation>
        </message>
        <message>
            <source>New picture</source>
            <translation>Neues Bild</translation>
        </message>
        <message>
            <source>No model here can do this; add one in Settings, Models.</source>
            <translation>Kein Modell hier kann das; in „Einstellungen“, „Modelle“ eines hinzufügen.</translation>
        </message>
        <message>
            <source>No model here can show where a word acts; add one that draws from words.</source>
            <translation>Kein Modell hier kann zeigen, wo ein Wort wirkt; eines hinzufügen, das aus Worten zeichnet.</translation>
        </message>
        <message>
            <source>Not understood: {0}. This model knows instruments, moods, genres, a key and a tempo: slow sad piano with bass in A minor, 70 bpm.</source>
            <translation>Nicht verstanden: {0}. Dieses Modell kennt Instrumente, Stimmungen, Genres, eine Tonart und ein Tempo: slow sad piano with bass in A minor, 70 bpm.</translation>
        </message>
        <message>
            <source>Nothing in “{0}” can be seen; show or add a layer in it to merge it.</source>
            <translation>In „{0}“ ist nichts zu sehen; zum Zusammenfügen eine Ebene darin einblenden oder hinzufügen.</translation>
        </message>
        <message>
            <source>Nothing is marked; mark on the spectrogram what is to be removed.</source>
            <translation>Nichts ist markiert; im Spektrogramm markieren, was entfernt werden soll.</translation>
        </message>
        <message>
            <source>Nothing is selected; select something to make a mask of it.</source>
            <translation>Nichts ist ausgewählt; für eine Maske etwas auswählen.</translation>
        </message>
        <message>
            <source>Nothing is selected; select what is to be exported, or export the whole canvas.</source>
            <translation>Nichts ist ausgewählt; auswählen, was exportiert wird, oder die ganze Leinwand exportieren.</translation>
        </message>
        <message>
            <source>Nothing was found for “{0}” (the surest pixel has {1}); try other words or a lower threshold.</source>
            <translation>Für „{0}“ wurde nichts gefunden (das sicherste Pixel hat {1}); andere Worte oder eine niedrigere Schwelle versuchen.</translation>
        </message>
        <message>
            <source>Only a part of your picture changes and the rest is put back, so the empty words were not optimised: the inversion was the fast one. With “Only the place of the change” at 0 they are.</source>
            <translation>Nur ein Teil Ihres Bildes ändert sich und der Rest wird zurückgelegt, also wurden die leeren Worte nicht optimiert: Es war die schnelle Inversion. Mit „Nur der Ort der Änderung“ auf 0 werden sie es.</translation>
        </message>
        <message>
            <source>Opacity</source>
            <translation>Deckkraft</translation>
        </message>
        <message>
            <source>Opacity of {0}</source>
            <translation>Deckkraft von {0}</translation>
        </message>
        <message>
            <source>Open</source>
            <translation>Öffnen</translation>
        </message>
        <message>
            <source>Order and places of the layers are lost.</source>
            <translation>Reihenfolge und Lage der Ebenen sind verloren.</translation>
        </message>
        <message>
            <source>Paint</source>
            <translation>Malen</translation>
        </message>
        <message>
            <source>Paint over what should change (Q makes a mask), or select it.</source>
            <translation>Übermalen, was sich ändern soll (Q macht eine Maske), oder es auswählen.</translation>
        </message>
        <message>
            <source>Paint over what should change; [ and ] change the size</source>
            <translation>Übermalen, was sich ändern soll; [ und ] ändern die Größe</translation>
        </message>
        <message>
            <source>Paint the mask</source>
            <translation>Maske malen</translation>
        </message>
        <message>
            <source>Parts of the model waited in main memory, because the device's ran out.</source>
            <translation>Teile des Modells warteten im Hauptspeicher, weil der des Geräts nicht reichte.</translation>
        </message>
        <message>
            <source>Pick colour</source>
            <translation>Farbe aufnehmen</translation>
        </message>
        <message>
            <source>Picture</source>
            <translation>Bild</translation>
        </message>
        <message>
            <source>PortAudio is missing, so nothing can be played or recorded; install libportaudio2 and start the studio again.</source>
            <translation>PortAudio fehlt, daher ist weder Abspielen noch Aufnehmen möglich; libportaudio2 installieren und das Studio neu starten.</translation>
        </message>
        <message>
            <source>Put the playhead inside a clip to split it there.</source>
            <translation>Zum Teilen den Abspielkopf in einen Clip setzen.</translation>
        </message>
        <message>
            <source>Put the playhead inside a clip to trim it there.</source>
            <translation>Zum Trimmen den Abspielkopf in einen Clip setzen.</translation>
        </message>
        <message>
            <source>Put the playhead inside the clip to split it there.</source>
            <translation>Zum Teilen den Abspielkopf in den Clip setzen.</translation>
        </message>
        <message>
            <source>Put {0} on the timeline</source>
            <translation>{0} auf die Zeitleiste legen</translation>
        </message>
        <message>
            <source>Range</source>
            <translation>Bereich</translation>
        </message>
        <message>
            <source>Rectangle</source>
            <translation>Rechteck</translation>
        </message>
        <message>
            <source>Region {0}</source>
            <translation>Region {0}</translation>
        </message>
        <message>
            <source>Remove keyframe</source>
            <translation>Keyframe entfernen</translation>
        </message>
        <message>
            <source>Remove marker</source>
            <translation>Marke entfernen</translation>
        </message>
        <message>
            <source>Remove the mask</source>
            <translation>Maske entfernen</translation>
        </message>
        <message>
            <source>Remove {0}</source>
            <translation>{0} entfernen</translation>
        </message>
        <message>
            <source>Rename {0}</source>
            <translation>{0} umbenennen</translation>
        </message>
        <message>
            <source>Rotate {0}</source>
            <translation>{0} drehen</translation>
        </message>
        <message>
            <source>Say what you want to hear.</source>
            <translation>Schreiben, was zu hören sein soll.</translation>
        </message>
        <message>
            <source>Say what you want to see.</source>
            <translation>Schreiben, was zu sehen sein soll.</translation>
        </message>
        <message>
            <source>Scale {0}</source>
            <translation>{0} skalieren</translation>
        </message>
        <message>
            <source>Second stage</source>
            <translation>Zweite Stufe</translation>
        </message>
        <message>
            <source>Seed</source>
            <translation>Seed</translation>
        </message>
        <message>
            <source>Select</source>
            <translation>Auswählen</translation>
        </message>
        <message>
            <source>Select all</source>
            <translation>Alles auswählen</translation>
        </message>
        <message>
            <source>Select {0}</source>
            <translation>{0} auswählen</translation>
        </message>
        <message>
            <source>Select “{0}”</source>
            <translation>„{0}“ auswählen</translation>
        </message>
        <message>
            <source>Selected where “{0}” acts in the picture.</source>
            <translation>Ausgewählt, wo „{0}“ im Bild wirkt.</translation>
        </message>
        <message>
            <source>Show</source>
            <translation>Einblenden</translation>
        </message>
        <message>
            <source>Show {0}</source>
            <translation>{0} einblenden</translation>
        </message>
        <message>
            <source>Shown as normal because their blend mode is not known here: {0}.</source>
            <translation>Als normal gezeigt, da der Mischmodus hier nicht bekannt ist: {0}.</translation>
        </message>
        <message>
            <source>Slip {0}</source>
            <translation>Inhalt von {0} verschieben</translation>
        </message>
        <message>
            <source>Something went wrong while the job ran; press Retry.</source>
            <translation>Während des Auftrags ging etwas schief; „Noch einmal“ drücken.</translation>
        </message>
        <message>
            <source>Sound</source>
            <translation>Klang</translation>
        </message>
        <message>
            <source>Speed of {0}</source>
            <translation>Tempo von {0}</translation>
        </message>
        <message>
            <source>Split {0}</source>
            <translation>{0} teilen</translation>
        </message>
        <message>
            <source>Strength from here</source>
            <translation>Stärke ab hier</translation>
        </message>
        <message>
            <source>Take marks away</source>
            <translation>Markierung wegnehmen</translation>
        </message>
        <message>
            <source>Technique</source>
            <translation>Technik</translation>
        </message>
        <message>
            <source>The adapter {0} is of the kind {1}, which the studio cannot lay over a model.</source>
            <translation>Der Adapter {0} ist von der Art {1}, die das Studio nicht über ein Modell legen kann.</translation>
        </message>
        <message>
            <source>The chosen clip is being read; it takes a moment.</source>
            <translation>Der gewählte Clip wird gelesen; das dauert einen Moment.</translation>
        </message>
        <message>
            <source>The chosen clip is more than a model can take at once; split a shorter part off it (S) and choose that.</source>
            <translation>Der gewählte Clip ist mehr, als ein Modell auf einmal nimmt; einen kürzeren Teil abtrennen (S) und diesen wählen.</translation>
        </message>
        <message>
            <source>The engine cannot be started ({0}); install the studio anew.</source>
            <translation>Die Engine lässt sich nicht starten ({0}); das Studio neu installieren.</translation>
        </message>
        <message>
            <source>The engine cannot start ({0}); set the studio up again.</source>
            <translation>Die Engine kann nicht starten ({0}); das Studio neu einrichten.</translation>
        </message>
        <message>
            <source>The engine {0}.</source>
            <translation>Die Engine {0}.</translation>
        </message>
        <message>
            <source>The file {0} cannot be used ({1}); get it again.</source>
            <translation>Die Datei {0} ist nicht nutzbar ({1}); neu holen.</translation>
        </message>
        <message>
            <source>The film in the project was left out: {0}.</source>
            <translation>Der Film im Projekt fehlt: {0}.</translation>
        </message>
        <message>
            <source>The forecast was {0} GiB of memory.</source>
            <translation>Vorhergesagt waren {0} GiB Speicher.</translation>
        </message>
        <message>
            <source>The guidance interval {0} must rise from a number that is not negative.</source>
            <translation>Der Guidance-Bereich {0} muss von einer nicht negativen Zahl aus steigen.</translation>
        </message>
        <message>
            <source>The guidance rescale must lie between 0 and 1, not {0}.</source>
            <translation>Guidance Rescale muss zwischen 0 und 1 liegen, nicht {0}.</translation>
        </message>
        <message>
            <source>The language changes when the studio is started again.</source>
            <translation>Die Sprache wechselt beim nächsten Start des Studios.</translation>
        </message>
        <message>
            <source>The list of jobs was damaged: it was put aside as {0} and {1}; your result files are untouched.</source>
            <translation>Die Liste der Aufträge war beschädigt und liegt jetzt als {0} und {1} daneben; die Ergebnisse sind unberührt.</translation>
        </message>
        <message>
            <source>The list of jobs {0} was written by a newer studio; update this one or choose another folder.</source>
            <translation>Die Liste der Aufträge {0} stammt von einem neueren Studio; dieses aktualisieren oder einen anderen Ordner wählen.</translation>
        </message>
        <message>
            <source>The loop is {0} {1} of four chords, {2} s at {3} bpm.</source>
            <translation>Die Schleife ist {0} {1} von vier Akkorden, {2} s bei {3} bpm.</translation>
        </message>
        <message>
            <source>The mask lies outside the generation box; move the box over it.</source>
            <translation>Die Maske liegt außerhalb des Zeichenrahmens; den Rahmen darüber schieben.</translation>
        </message>
        <message>
            <source>The memory of {0} ran out while {1}, also with tiles; use a smaller size or close other programs.</source>
            <translation>Der Speicher von {0} reichte nicht bei: {1}, auch nicht mit Kacheln; eine kleinere Größe nehmen oder andere Programme schließen.</translation>
        </message>
        <message>
            <source>The microphone cannot be used ({0}); choose another one.</source>
            <translation>Das Mikrofon ist nicht nutzbar ({0}); ein anderes wählen.</translation>
        </message>
        <message>
            <source>The model card {0} cannot be used ({1}); reinstall the model or mend the card.</source>
            <translation>Die Modellkarte {0} ist nicht brauchbar ({1}); das Modell neu installieren oder die Karte berichtigen.</translation>
        </message>
        <message>
            <source>The model failed while {0} ({1}); try again, or another model.</source>
            <translation>Das Modell scheiterte bei: {0} ({1}); noch einmal versuchen oder ein anderes Modell nehmen.</translation>
        </message>
        <message>
            <source>The model in {0} is a {1}, which the studio cannot run; remove it.</source>
            <translation>Das Modell in {0} ist {1}, was das Studio nicht ausführen kann; entfernen.</translation>
        </message>
        <message>
            <source>The model {0} is not here; another one is used, so the picture will differ.</source>
            <translation>Das Modell {0} ist nicht da; ein anderes wird verwendet, das Bild wird also anders.</translation>
        </message>
        <message>
            <source>The model “{0}” is not here; another one is used, so the picture will differ.</source>
            <translation>Das Modell „{0}“ ist nicht da; ein anderes wird verwendet, das Bild wird also anders.</translation>
        </message>
        <message>
            <source>The new frames were drawn at {0} x {1} px, the most this model draws, and scaled to {2} x {3}.</source>
            <translation>Die neuen Bilder wurden mit {0} x {1} px gezeichnet, dem Größten dieses Modells, und auf {2} x {3} skaliert.</translation>
        </message>
        <message>
            <source>The note scale must begin above 0 Hz.</source>
            <translation>Die Notenskala muss über 0 Hz beginnen.</translation>
        </message>
        <message>
            <source>The number of layers to skip cannot be negative.</source>
            <translation>Die Zahl der übersprungenen Schichten kann nicht negativ sein.</translation>
        </message>
        <message>
            <source>The part around the mask was drawn at {0} x {1} px, which this model was made for, and scaled up to {2} x {3}; mask less at a time for more detail.</source>
            <translation>Der Teil um die Maske wurde mit {0} x {1} px gezeichnet, wofür dieses Modell gemacht ist, und auf {2} x {3} vergrößert; für mehr Details weniger auf einmal maskieren.</translation>
        </message>
        <message>
            <source>The picture turned into undefined numbers at step {0} of {1}; try full precision (float32), a lower guidance scale or another solver.</source>
            <translation>Das Bild wurde bei Schritt {0} von {1} zu undefinierten Zahlen; volle Genauigkeit (float32), weniger Guidance oder einen anderen Solver versuchen.</translation>
        </message>
        <message>
            <source>The picture was decoded in tiles, because memory ran out.</source>
            <translation>Das Bild wurde in Kacheln dekodiert, weil der Speicher nicht reichte.</translation>
        </message>
        <message>
            <source>The picture was drawn at {0}, enlarged to {1} by its second stage and then moved.</source>
            <translation>Das Bild wurde mit {0} gezeichnet, von seiner zweiten Stufe auf {1} vergrößert und dann bewegt.</translation>
        </message>
        <message>
            <source>The picture was drawn at {0}, scaled to {1} and then moved.</source>
            <translation>Das Bild wurde mit {0} gezeichnet, auf {1} skaliert und dann bewegt.</translation>
        </message>
        <message>
            <source>The picture was drawn in tiles of {0} px, because memory ran out.</source>
            <translation>Das Bild wurde in Kacheln von {0} px gezeichnet, weil der Speicher nicht reichte.</translation>
        </message>
        <message>
            <source>The picture was made from another picture, which is not in the file; drawing it from the words alone.</source>
            <translation>Das Bild entstand aus einem anderen Bild, das nicht in der Datei ist; es wird nur aus den Worten gezeichnet.</translation>
        </message>
        <message>
            <source>The picture. Paint with the pointer; arrow keys pan, plus and minus zoom.</source>
            <translation>Das Bild. Mit dem Zeiger malen; Pfeiltasten verschieben, Plus und Minus zoomen.</translation>
        </message>
        <message>
            <source>The preset “{0}” cannot be read; save it again.</source>
            <translation>Die Vorgabe „{0}“ ist nicht lesbar; neu speichern.</translation>
        </message>
        <message>
            <source>The preset “{0}” was saved.</source>
            <translation>Die Vorgabe „{0}“ wurde gespeichert.</translation>
        </message>
        <message>
            <source>The project comes from a newer studio; what this one does not know was left out.</source>
            <translation>Das Projekt stammt von einem neueren Studio; was dieses nicht kennt, fehlt.</translation>
        </message>
        <message>
            <source>The prompt has {0} tokens, and at most {1} can be used; please shorten it.</source>
            <translation>Der Prompt hat {0} Token, höchstens {1} sind möglich; kürzen.</translation>
        </message>
        <message>
            <source>The prompt was read as “{0}”, as it is painted.</source>
            <translation>Die Worte wurden als „{0}“ gelesen, so wie es gemalt ist.</translation>
        </message>
        <message>
            <source>The range must end after it begins.</source>
            <translation>Der Bereich muss nach seinem Anfang enden.</translation>
        </message>
        <message>
            <source>The recording cannot be written ({0}); choose another folder.</source>
            <translation>Die Aufnahme kann nicht geschrieben werden ({0}); einen anderen Ordner wählen.</translation>
        </message>
        <message>
            <source>The recording ended ({0}); what was heard until then is kept.</source>
            <translation>Die Aufnahme endete ({0}); was bis dahin zu hören war, bleibt.</translation>
        </message>
        <message>
            <source>The request is not valid JSON ({0}); write it again or export it from the studio.</source>
            <translation>Der Auftrag ist kein gültiges JSON ({0}); neu schreiben oder aus dem Studio exportieren.</translation>
        </message>
        <message>
            <source>The request must be a JSON object such as {"technique": {"name": "text2image", "prompt": "a fox"}}.</source>
            <translation>Der Auftrag muss ein JSON-Objekt sein wie {"technique": {"name": "text2image", "prompt": "a fox"}}.</translation>
        </message>
        <message>
            <source>The selection was damaged and is left out.</source>
            <translation>Die Auswahl war beschädigt und fehlt.</translation>
        </message>
        <message>
            <source>The settings could not be saved ({0}); free some space or check the folder's rights.</source>
            <translation>Die Einstellungen konnten nicht gespeichert werden ({0}); Platz schaffen oder die Rechte des Ordners prüfen.</translation>
        </message>
        <message>
            <source>The size {0} x {1} is not possible here and was left out.</source>
            <translation>Die Größe {0} x {1} ist hier nicht möglich und wurde weggelassen.</translation>
        </message>
        <message>
            <source>The sound device cannot be used ({0}); choose another one.</source>
            <translation>Das Audiogerät ist nicht nutzbar ({0}); ein anderes wählen.</translation>
        </message>
        <message>
            <source>The sound device stopped ({0}); choose another one.</source>
            <translation>Das Audiogerät hat angehalten ({0}); ein anderes wählen.</translation>
        </message>
        <message>
            <source>The sound device stopped ({}); choose another one.</source>
            <translation>Das Audiogerät hat angehalten ({}); ein anderes wählen.</translation>
        </message>
        <message>
            <source>The sound “{0}” is not where it was; put it beside the project and open it again.</source>
            <translation>Der Klang „{0}“ ist nicht, wo er war; neben das Projekt legen und es neu öffnen.</translation>
        </message>
        <message>
            <source>The sounds in the project were left out: {0}.</source>
            <translation>Die Klänge im Projekt fehlen: {0}.</translation>
        </message>
        <message>
            <source>The speed must be between {0} and {1}.</source>
            <translation>Das Tempo muss zwischen {0} und {1} liegen.</translation>
        </message>
        <message>
            <source>The studio was ended {0} times while this job ran; press Resume to try it once more.</source>
            <translation>Das Studio wurde {0}-mal beendet, während dieser Auftrag lief; „Fortsetzen“ versucht es noch einmal.</translation>
        </message>
        <message>
            <source>The studio's own data in the project was damaged; layers are there, requests and regions are not.</source>
            <translation>Die eigenen Daten des Studios im Projekt waren beschädigt; Ebenen sind da, Aufträge und Regionen nicht.</translation>
        </message>
        <message>
            <source>The text {0} has {1} million characters and was not read.</source>
            <translation>Der Text {0} hat {1} Millionen Zeichen und wurde nicht gelesen.</translation>
        </message>
        <message>
            <source>The text {0} is damaged or of an unknown kind ({1}).</source>
            <translation>Der Text {0} ist beschädigt oder von unbekannter Art ({1}).</translation>
        </message>
        <message>
            <source>The tune is played {0} octave{1} {2}.</source>
            <translation>Die Melodie wird um Oktaven verschoben gespielt: {0} octave{1} {2}.</translation>
        </message>
        <message>
            <source>The tune was heard at {0} bpm.</source>
            <translation>Die Melodie wurde mit {0} bpm gehört.</translation>
        </message>
        <message>
            <source>The tune was heard in {0}.</source>
            <translation>Die Melodie wurde in {0} gehört.</translation>
        </message>
        <message>
            <source>The two descriptions mean the same in this picture to the model, so nothing was changed; say more clearly what differs, or paint the mask.</source>
            <translation>Die zwei Beschreibungen bedeuten in diesem Bild für das Modell dasselbe, daher wurde nichts geändert; deutlicher sagen, was anders ist, oder die Maske malen.</translation>
        </message>
        <message>
            <source>The two halves of guidance were computed one after the other, because memory ran out.</source>
            <translation>Die zwei Hälften der Guidance wurden nacheinander gerechnet, weil der Speicher nicht reichte.</translation>
        </message>
        <message>
            <source>The words are longer than the model can read; their end was left out.</source>
            <translation>Die Worte sind länger, als das Modell lesen kann; das Ende wurde weggelassen.</translation>
        </message>
        <message>
            <source>The words say no tempo; it is {0} bpm.</source>
            <translation>Die Worte nennen kein Tempo; es ist {0} bpm.</translation>
        </message>
        <message>
            <source>There is no job {0}; it may have been removed in another window.</source>
            <translation>Es gibt keinen Auftrag {0}; vielleicht wurde er in einem anderen Fenster entfernt.</translation>
        </message>
        <message>
            <source>There is no layer below “{0}” to merge it with.</source>
            <translation>Unter „{0}“ liegt keine Ebene zum Zusammenfügen.</translation>
        </message>
        <message>
            <source>There is no microphone here; connect one, or drop a sound file in.</source>
            <translation>Hier gibt es kein Mikrofon; eines anschließen oder eine Klangdatei hineinziehen.</translation>
        </message>
        <message>
            <source>There is no picture on the canvas yet; draw one from words or drop one in.</source>
            <translation>Auf der Leinwand ist noch kein Bild; eines aus Worten zeichnen oder hineinziehen.</translation>
        </message>
        <message>
            <source>There is no prompt to encode.</source>
            <translation>Es gibt keinen Prompt zu kodieren.</translation>
        </message>
        <message>
            <source>There is no room for {0} GB in {1}; leave the model where it is, or free some space.</source>
            <translation>In {1} ist kein Platz für {0} GB; das Modell lassen, wo es ist, oder Platz schaffen.</translation>
        </message>
        <message>
            <source>There is no sound device here; the playhead moves without sound.</source>
            <translation>Hier gibt es kein Audiogerät; der Abspielkopf bewegt sich ohne Ton.</translation>
        </message>
        <message>
            <source>There is no take yet; make one from words, record one or drop a sound in.</source>
            <translation>Es gibt noch keinen Take; einen aus Worten machen, aufnehmen oder einen Klang hineinziehen.</translation>
        </message>
        <message>
            <source>There is nothing in the stretch that is to be exported; choose a longer one.</source>
            <translation>Der Zeitbereich für den Export ist leer; einen längeren wählen.</translation>
        </message>
        <message>
            <source>There is nothing on the timeline to be exported; put a clip on it first.</source>
            <translation>Auf der Zeitleiste ist nichts zu exportieren; zuerst einen Clip darauf legen.</translation>
        </message>
        <message>
            <source>There is nothing on the timeline to be exported; put a clip on it, or choose another range.</source>
            <translation>Auf der Zeitleiste ist nichts zu exportieren; einen Clip darauf legen oder einen anderen Bereich wählen.</translation>
        </message>
        <message>
            <source>There is nothing to merge: fewer than two picture layers are shown.</source>
            <translation>Es gibt nichts zusammenzufügen: Weniger als zwei Bildebenen sind sichtbar.</translation>
        </message>
        <message>
            <source>There is nothing to move; choose a layer that has something on it.</source>
            <translation>Es gibt nichts zu verschieben; eine Ebene wählen, auf der etwas ist.</translation>
        </message>
        <message>
            <source>This is too slow to follow the hand; press the button above.</source>
            <translation>Das ist zu langsam, um der Hand zu folgen; die Schaltfläche darüber drücken.</translation>
        </message>
        <message>
            <source>This system allows no links to files here; copy the model instead.</source>
            <translation>Dieses System erlaubt hier keine Verknüpfungen zu Dateien; das Modell stattdessen kopieren.</translation>
        </message>
        <message>
            <source>This text encoder has {0} layers; {1} of them cannot be skipped.</source>
            <translation>Dieser Textencoder hat {0} Schichten; {1} davon lassen sich nicht überspringen.</translation>
        </message>
        <message>
            <source>This tokenizer has no begin and end tokens, so it is not CLIP's.</source>
            <translation>Dieser Tokenizer hat keine Anfangs- und End-Token, ist also nicht der von CLIP.</translation>
        </message>
        <message>
            <source>Tool</source>
            <translation>Werkzeug</translation>
        </message>
        <message>
            <source>Transform</source>
            <translation>Transformieren</translation>
        </message>
        <message>
            <source>Trim {0}</source>
            <translation>{0} trimmen</translation>
        </message>
        <message>
            <source>Undo the transform</source>
            <translation>Transformation zurücknehmen</translation>
        </message>
        <message>
            <source>Ungroup</source>
            <translation>Gruppierung aufheben</translation>
        </message>
        <message>
            <source>Unlock {0}</source>
            <translation>{0} entsperren</translation>
        </message>
        <message>
            <source>Unmark a rectangle</source>
            <translation>Markierung im Rechteck aufheben</translation>
        </message>
        <message>
            <source>Unmark with a brush</source>
            <translation>Markierung mit dem Pinsel aufheben</translation>
        </message>
        <message>
            <source>Unmark with a lasso</source>
            <translation>Markierung mit dem Lasso aufheben</translation>
        </message>
        <message>
            <source>View</source>
            <translation>Ansicht</translation>
        </message>
        <message>
            <source>Volume of {0}</source>
            <translation>Lautstärke von {0}</translation>
        </message>
        <message>
            <source>What came back: {0} dB against the picture; the autoencoder alone has {1} dB, so the inversion lost {2} dB. It took {3} calls of the network, {4} a step.</source>
            <translation>Was zurückkam: {0} dB gegenüber dem Bild; der Autoencoder allein hat {1} dB, die Inversion verlor also {2} dB. Das Netz wurde {3}-mal gerechnet, {4}-mal je Schritt.</translation>
        </message>
        <message>
            <source>Whole film</source>
            <translation>Ganzer Film</translation>
        </message>
        <message>
            <source>Windows of {0} every {1} leave gaps.</source>
            <translation>Fenster von {0} alle {1} lassen Lücken.</translation>
        </message>
        <message>
            <source>Words from here</source>
            <translation>Worte ab hier</translation>
        </message>
        <message>
            <source>Work from before a crash was found.</source>
            <translation>Arbeit aus der Zeit vor einem Absturz wurde gefunden.</translation>
        </message>
        <message>
            <source>Write what should be seen from here on.</source>
            <translation>Angeben, was von hier an zu sehen sein soll.</translation>
        </message>
        <message>
            <source>adapters: the file of {0} is another one than this request was made with; name it without its sha256 to use it as it is now.</source>
            <translation>adapters: Die Datei von {0} ist eine andere als beim Auftrag; ohne sha256 nennen, um sie so zu verwenden, wie sie jetzt ist.</translation>
        </message>
        <message>
            <source>adapters: {0} cannot be read ({1}); get it again.</source>
            <translation>adapters: {0} ist nicht lesbar ({1}); neu holen.</translation>
        </message>
        <message>
            <source>adapters: {0} fits no part of {1}; leave it out or choose another model.</source>
            <translation>adapters: {0} passt zu keinem Teil von {1}; weglassen oder ein anderes Modell wählen.</translation>
        </message>
        <message>
            <source>adapters: {0} is incomplete (half of {1} is missing); get it again.</source>
            <translation>adapters: {0} ist unvollständig (die Hälfte von {1} fehlt); neu holen.</translation>
        </message>
        <message>
            <source>adapters: {0} is named twice; name it once, with its whole strength.</source>
            <translation>adapters: {0} ist zweimal genannt; einmal nennen, mit der ganzen Stärke.</translation>
        </message>
        <message>
            <source>adapters: {0} is no Stable Diffusion and takes none; leave them out.</source>
            <translation>adapters: {0} ist kein Stable Diffusion und nimmt keine; weglassen.</translation>
        </message>
        <message>
            <source>adapters: {0} is not here; {1}.</source>
            <translation>adapters: {0} ist nicht da; {1}.</translation>
        </message>
        <message>
            <source>adapters: {0} is of the kind {1}, which cannot be laid over a model; leave it out.</source>
            <translation>adapters: {0} ist von der Art {1}, die sich nicht über ein Modell legen lässt; weglassen.</translation>
        </message>
        <message>
            <source>adapters: {0} was made for another kind of model than {1} ({2} has another size); leave it out or choose another model.</source>
            <translation>adapters: {0} ist für eine andere Art Modell als {1} gemacht ({2} hat eine andere Größe); weglassen oder ein anderes Modell wählen.</translation>
        </message>
        <message>
            <source>add</source>
            <translation>Addieren</translation>
        </message>
        <message>
            <source>cannot enlarge pictures</source>
            <translation>kann Bilder nicht vergrößern</translation>
        </message>
        <message>
            <source>choose {0}</source>
            <translation>möglich sind {0}</translation>
        </message>
        <message>
            <source>color-burn</source>
            <translation>Farbig nachbelichten</translation>
        </message>
        <message>
            <source>color-dodge</source>
            <translation>Farbig abwedeln</translation>
        </message>
        <message>
            <source>crashed because memory or the disk gave out; close other programs or free some space</source>
            <translation>stürzte ab, weil Speicher oder Datenträger nicht reichten; andere Programme schließen oder Platz schaffen</translation>
        </message>
        <message>
            <source>crashed inside a library or the graphics driver; if it happens again, update the driver</source>
            <translation>stürzte in einer Bibliothek oder im Grafiktreiber ab; falls es wieder geschieht, den Treiber aktualisieren</translation>
        </message>
        <message>
            <source>crashed on a calculation inside a library; choose other settings</source>
            <translation>stürzte bei einer Rechnung in einer Bibliothek ab; andere Einstellungen wählen</translation>
        </message>
        <message>
            <source>darken</source>
            <translation>Abdunkeln</translation>
        </message>
        <message>
            <source>decoding</source>
            <translation>Dekodieren</translation>
        </message>
        <message>
            <source>did not answer any more and was ended; press Retry</source>
            <translation>antwortete nicht mehr und wurde beendet; „Noch einmal“ drücken</translation>
        </message>
        <message>
            <source>difference</source>
            <translation>Differenz</translation>
        </message>
        <message>
            <source>drawing</source>
            <translation>Zeichnen</translation>
        </message>
        <message>
            <source>drawing the source</source>
            <translation>Vorlage zeichnen</translation>
        </message>
        <message>
            <source>drawing the ways</source>
            <translation>Wege werden gezeichnet</translation>
        </message>
        <message>
            <source>encoding</source>
            <translation>Kodieren</translation>
        </message>
        <message>
            <source>end: {0} takes a first picture only; leave the last one out.</source>
            <translation>end: {0} nimmt nur ein erstes Bild; das letzte weglassen.</translation>
        </message>
        <message>
            <source>ended by itself with code {0}{1}; press Retry</source>
            <translation>endete von selbst mit Code {0}{1}; „Noch einmal“ drücken</translation>
        </message>
        <message>
            <source>enlarging</source>
            <translation>Vergrößern</translation>
        </message>
        <message>
            <source>finding the place</source>
            <translation>Ort suchen</translation>
        </message>
        <message>
            <source>folder: in {0} files {1} s can be heard; choose a folder with more sound, a minute at least.</source>
            <translation>folder: In {0} Dateien sind {1} s zu hören; einen Ordner mit mehr Klang wählen, mindestens einer Minute.</translation>
        </message>
        <message>
            <source>folder: there is too little sound to hold some of it out; choose a folder with more.</source>
            <translation>folder: Es ist zu wenig Klang, um etwas davon zurückzuhalten; einen Ordner mit mehr wählen.</translation>
        </message>
        <message>
            <source>folder: {0} holds no sound files ({1} ...); choose another.</source>
            <translation>folder: {0} enthält keine Klangdateien ({1} ...); einen anderen wählen.</translation>
        </message>
        <message>
            <source>folder: {0} holds {1} sound files, more than {2}; choose a part of them.</source>
            <translation>folder: {0} enthält {1} Klangdateien, mehr als {2}; einen Teil davon wählen.</translation>
        </message>
        <message>
            <source>folder: {0} is not a folder; choose one with sound files in it.</source>
            <translation>folder: {0} ist kein Ordner; einen mit Klangdateien wählen.</translation>
        </message>
        <message>
            <source>frames: a loop is drawn at once, and this model draws {0} frames at once; choose so many.</source>
            <translation>frames: Eine Schleife wird auf einmal gezeichnet, und dieses Modell zeichnet {0} Bilder auf einmal; so viele wählen.</translation>
        </message>
        <message>
            <source>frames: {0} frames of {1} x {2} px do not fit into memory, {3} do; make a shorter clip and go on with it.</source>
            <translation>frames: {0} Bilder von {1} x {2} px passen nicht in den Speicher, {3} passen; einen kürzeren Clip machen und ihn fortsetzen.</translation>
        </message>
        <message>
            <source>frames: {0} would need about {1} for this clip, and {2} are free; ask for fewer frames or a smaller size, or close other programs.</source>
            <translation>frames: {0} bräuchte etwa {1} für diesen Clip, und {2} sind frei; weniger Bilder oder eine kleinere Größe nehmen oder andere Programme schließen.</translation>
        </message>
        <message>
            <source>gave up because of an error inside a library; if it happens again, choose other settings</source>
            <translation>gab wegen eines Fehlers in einer Bibliothek auf; falls es wieder geschieht, andere Einstellungen wählen</translation>
        </message>
        <message>
            <source>group</source>
            <translation>Gruppe</translation>
        </message>
        <message>
            <source>guidance: this model has learned the scales from {0} to {1}, not {2}; stay within.</source>
            <translation>guidance: Dieses Modell hat die Werte von {0} bis {1} gelernt, nicht {2}; bitte darin bleiben.</translation>
        </message>
        <message>
            <source>hard-light</source>
            <translation>Hartes Licht</translation>
        </message>
        <message>
            <source>has no sound</source>
            <translation>hat keinen Ton</translation>
        </message>
        <message>
            <source>image: {0} cannot be read ({1}); choose another picture.</source>
            <translation>image: {0} ist nicht lesbar ({1}); ein anderes Bild wählen.</translation>
        </message>
        <message>
            <source>image: {0} does not exist; choose another picture.</source>
            <translation>image: {0} gibt es nicht; ein anderes Bild wählen.</translation>
        </message>
        <message>
            <source>image: {0} has more pixels than can be opened; scale it down.</source>
            <translation>image: {0} hat mehr Pixel, als geöffnet werden können; verkleinern.</translation>
        </message>
        <message>
            <source>image: {0} has {1} x {2} pixels, more than can be opened; scale it down.</source>
            <translation>image: {0} hat {1} x {2} Pixel, mehr als geöffnet werden können; verkleinern.</translation>
        </message>
        <message>
            <source>image: {0} is not a picture that can be opened; choose another one.</source>
            <translation>image: {0} ist kein Bild, das geöffnet werden kann; ein anderes wählen.</translation>
        </message>
        <message>
            <source>image: {0} x {1} px times {2} is larger than {3} px; scale it down or use a smaller factor.</source>
            <translation>image: {0} x {1} px mal {2} ist mehr als {3} px; verkleinern oder einen kleineren Faktor nehmen.</translation>
        </message>
        <message>
            <source>install one that can upscale</source>
            <translation>installieren Sie eines, das hochskalieren kann</translation>
        </message>
        <message>
            <source>inverting</source>
            <translation>Invertieren</translation>
        </message>
        <message>
            <source>is not installed</source>
            <translation>ist nicht installiert</translation>
        </message>
        <message>
            <source>is only heard</source>
            <translation>ist nur zu hören</translation>
        </message>
        <message>
            <source>learning</source>
            <translation>Lernen</translation>
        </message>
        <message>
            <source>left: nothing is to be added; say how much on at least one side.</source>
            <translation>left: Es kommt nichts hinzu; mindestens an einer Seite etwas angeben.</translation>
        </message>
        <message>
            <source>lighten</source>
            <translation>Aufhellen</translation>
        </message>
        <message>
            <source>loading</source>
            <translation>Laden</translation>
        </message>
        <message>
            <source>looking</source>
            <translation>Suchen</translation>
        </message>
        <message>
            <source>loop: a clip that comes back to its first frame has no other last frame; leave one of them out.</source>
            <translation>loop: Ein Clip, der zum ersten Bild zurückkommt, hat kein anderes letztes; eines von beiden weglassen.</translation>
        </message>
        <message>
            <source>loop: {0} cannot make loops; choose another model.</source>
            <translation>loop: {0} kann keine Schleifen; ein anderes Modell wählen.</translation>
        </message>
        <message>
            <source>mask</source>
            <translation>Maske</translation>
        </message>
        <message>
            <source>mask: nothing is marked on it; paint over what is to be played anew.</source>
            <translation>mask: Nichts ist markiert; übermalen, was neu gespielt werden soll.</translation>
        </message>
        <message>
            <source>masks.{0}.frame: frame {1} has a mask already; choose another frame.</source>
            <translation>masks.{0}.frame: Bild {1} hat schon eine Maske; ein anderes wählen.</translation>
        </message>
        <message>
            <source>masks.{0}.frame: the clip has {1} frames, the last is {2}; choose one of them.</source>
            <translation>masks.{0}.frame: Der Clip hat {1} Bilder, das letzte ist {2}; eines davon wählen.</translation>
        </message>
        <message>
            <source>model: a sketch needs a model that is here; choose one.</source>
            <translation>model: Eine Skizze braucht ein vorhandenes Modell; eines wählen.</translation>
        </message>
        <message>
            <source>model: no installed model can do {0}; install one{1}.</source>
            <translation>model: Kein installiertes Modell kann {0}; eines installieren{1}.</translation>
        </message>
        <message>
            <source>model: teaching a second {0} needs about {1} GB of memory and {2} GB are free; choose a smaller model.</source>
            <translation>model: Ein zweites {0} anzulernen braucht etwa {1} GB Speicher, und {2} GB sind frei; ein kleineres Modell wählen.</translation>
        </message>
        <message>
            <source>model: this model's network shows no attention to words; choose another.</source>
            <translation>model: Das Netz dieses Modells zeigt keine Aufmerksamkeit für Worte; ein anderes wählen.</translation>
        </message>
        <message>
            <source>model: weights of {0} are damaged ({1}); install the model again.</source>
            <translation>model: Gewichte von {0} sind beschädigt ({1}); das Modell neu installieren.</translation>
        </message>
        <message>
            <source>model: {0} cannot be loaded ({1}); install the model again.</source>
            <translation>model: {0} lässt sich nicht laden ({1}); das Modell neu installieren.</translation>
        </message>
        <message>
            <source>model: {0} cannot be read ({1}); install the model again.</source>
            <translation>model: {0} ist nicht lesbar ({1}); das Modell neu installieren.</translation>
        </message>
        <message>
            <source>model: {0} cannot change a clip; choose another model.</source>
            <translation>model: {0} kann keinen Clip ändern; ein anderes Modell wählen.</translation>
        </message>
        <message>
            <source>model: {0} cannot do {1}; {2}.</source>
            <translation>model: {0} kann {1} nicht; {2}.</translation>
        </message>
        <message>
            <source>model: {0} cannot fill a mask; choose a text-to-image model.</source>
            <translation>model: {0} kann keine Maske füllen; ein Text-zu-Bild-Modell wählen.</translation>
        </message>
        <message>
            <source>model: {0} does not hold a configuration; install the model again.</source>
            <translation>model: {0} enthält keine Konfiguration; das Modell neu installieren.</translation>
        </message>
        <message>
            <source>model: {0} holds no .safetensors weights; install the model again.</source>
            <translation>model: {0} enthält keine .safetensors-Gewichte; das Modell neu installieren.</translation>
        </message>
        <message>
            <source>model: {0} is a {1}, it cannot draw; choose another model.</source>
            <translation>model: {0} ist {1} und kann nicht zeichnen; ein anderes Modell wählen.</translation>
        </message>
        <message>
            <source>model: {0} is not installed; choose {1}.</source>
            <translation>model: {0} ist nicht installiert; möglich sind {1}.</translation>
        </message>
        <message>
            <source>model: {0} is of a kind that cannot teach another; choose another model.</source>
            <translation>model: {0} ist von einer Art, die kein anderes lehren kann; ein anderes Modell wählen.</translation>
        </message>
        <message>
            <source>model: {0} makes no music; choose another model.</source>
            <translation>model: {0} macht keine Musik; ein anderes Modell wählen.</translation>
        </message>
        <message>
            <source>model: {0} needs few steps already; choose the model it learned from.</source>
            <translation>model: {0} braucht schon wenige Schritte; das Modell wählen, von dem es gelernt hat.</translation>
        </message>
        <message>
            <source>model: {0} takes no picture beside its noise; choose an InstructPix2Pix model.</source>
            <translation>model: {0} nimmt kein Bild neben seinem Rauschen; ein InstructPix2Pix-Modell wählen.</translation>
        </message>
        <message>
            <source>model: {0} works on {1}, which is not installed; install it too.</source>
            <translation>model: {0} arbeitet mit {1}, das nicht installiert ist; auch dieses installieren.</translation>
        </message>
        <message>
            <source>moving the picture</source>
            <translation>das Bild wird bewegt</translation>
        </message>
        <message>
            <source>multiply</source>
            <translation>Multiplizieren</translation>
        </message>
        <message>
            <source>no</source>
            <translation>nein</translation>
        </message>
        <message>
            <source>no installed model can, install one</source>
            <translation>kein installiertes Modell kann es, eines installieren</translation>
        </message>
        <message>
            <source>none</source>
            <translation>ohne</translation>
        </message>
        <message>
            <source>normal</source>
            <translation>Normal</translation>
        </message>
        <message>
            <source>nothing</source>
            <translation>nichts</translation>
        </message>
        <message>
            <source>optimising</source>
            <translation>Optimieren</translation>
        </message>
        <message>
            <source>overlap: this model draws {0} frames at once, so a part can look back at {1} at most; lower it.</source>
            <translation>overlap: Dieses Modell zeichnet {0} Bilder auf einmal, ein Teil kann also höchstens auf {1} zurückblicken; senken.</translation>
        </message>
        <message>
            <source>overlay</source>
            <translation>Überlagern</translation>
        </message>
        <message>
            <source>picture</source>
            <translation>Bild</translation>
        </message>
        <message>
            <source>preparing</source>
            <translation>Vorbereiten</translation>
        </message>
        <message>
            <source>prompt: is empty; describe what the picture shows.</source>
            <translation>prompt: ist leer; beschreiben, was das Bild zeigt.</translation>
        </message>
        <message>
            <source>prompt: is empty; say what to mask, such as the cat or the background.</source>
            <translation>prompt: ist leer; angeben, was maskiert wird, etwa the cat oder the background.</translation>
        </message>
        <message>
            <source>prompt: is empty; say what you want to see.</source>
            <translation>prompt: ist leer; angeben, was zu sehen sein soll.</translation>
        </message>
        <message>
            <source>prompt: no technique here can do this edit; say what the picture shows and what you want, give an instruction or a mask, or install a model.</source>
            <translation>prompt: Keine Technik hier kann diese Änderung; angeben, was das Bild zeigt und was gewünscht ist, eine Anweisung oder Maske geben oder ein Modell installieren.</translation>
        </message>
        <message>
            <source>put its file among your models</source>
            <translation>die Datei zu den Modellen legen</translation>
        </message>
        <message>
            <source>reading</source>
            <translation>Lesen</translation>
        </message>
        <message>
            <source>region</source>
            <translation>Region</translation>
        </message>
        <message>
            <source>saving</source>
            <translation>speichert</translation>
        </message>
        <message>
            <source>screen</source>
            <translation>Negativ multiplizieren</translation>
        </message>
        <message>
            <source>second: {0} {1}; {2}, or leave it out.</source>
            <translation>second: {0} {1}; {2}, oder lassen Sie es weg.</translation>
        </message>
        <message>
            <source>seconds: {0} plays {1} s at most; ask for less, or extend the sound later.</source>
            <translation>seconds: {0} spielt höchstens {1} s; weniger wählen oder den Klang später verlängern.</translation>
        </message>
        <message>
            <source>seed: {0} became {1}.</source>
            <translation>seed: Aus {0} wurde {1}.</translation>
        </message>
        <message>
            <source>seed: {0} is not a number and was left out.</source>
            <translation>seed: {0} ist keine Zahl und wurde weggelassen.</translation>
        </message>
        <message>
            <source>soft-light</source>
            <translation>Weiches Licht</translation>
        </message>
        <message>
            <source>sound</source>
            <translation>Klang</translation>
        </message>
        <message>
            <source>sound: no tune was found in it; hum or play one note after another, or give the notes.</source>
            <translation>sound: Keine Melodie gefunden; einen Ton nach dem anderen summen oder spielen oder die Noten angeben.</translation>
        </message>
        <message>
            <source>sounding</source>
            <translation>Klang berechnen</translation>
        </message>
        <message>
            <source>source_prompt: is empty; say what the picture shows.</source>
            <translation>source_prompt: ist leer; angeben, was das Bild zeigt.</translation>
        </message>
        <message>
            <source>source_prompt: {0} does without; leave it empty, or choose a model of pictures.</source>
            <translation>source_prompt: {0} kommt ohne aus; leer lassen oder ein Bildmodell wählen.</translation>
        </message>
        <message>
            <source>start: {0} s is not before the end, {1} s; choose an earlier one.</source>
            <translation>start: {0} s liegt nicht vor dem Ende, {1} s; früher beginnen.</translation>
        </message>
        <message>
            <source>steps: this model was made for few steps and does not know {0}; choose one of {1}.</source>
            <translation>steps: Dieses Modell ist für wenige Schritte gemacht und kennt {0} nicht; möglich sind {1}.</translation>
        </message>
        <message>
            <source>technique: {0} is not a technique of this studio; it knows {1} and {2} more.</source>
            <translation>technique: {0} ist keine Technik dieses Studios; bekannt sind {1} und {2} weitere.</translation>
        </message>
        <message>
            <source>technique: {0} is too slow to follow the hand; press Apply.</source>
            <translation>technique: {0} ist zu langsam, um der Hand zu folgen; „Anwenden“ drücken.</translation>
        </message>
        <message>
            <source>the first</source>
            <translation>das erste</translation>
        </message>
        <message>
            <source>the model's own</source>
            <translation>Standard des Modells</translation>
        </message>
        <message>
            <source>uses an instruction that this processor lacks; install the studio anew on this computer</source>
            <translation>verwendet einen Befehl, den dieser Prozessor nicht kennt; das Studio auf diesem Rechner neu installieren</translation>
        </message>
        <message>
            <source>video</source>
            <translation>Video</translation>
        </message>
        <message>
            <source>video: has one frame, between which nothing lies; choose a clip of two frames or more.</source>
            <translation>video: hat ein einziges Bild, dazwischen liegt nichts; einen Clip mit zwei oder mehr Bildern wählen.</translation>
        </message>
        <message>
            <source>vocoder: {0} sounds another kind of spectrogram; choose griffin-lim.</source>
            <translation>vocoder: {0} vertont eine andere Art Spektrogramm; griffin-lim wählen.</translation>
        </message>
        <message>
            <source>was ended because its terminal closed</source>
            <translation>wurde beendet, weil ihr Terminal geschlossen wurde</translation>
        </message>
        <message>
            <source>was ended by the signal {0}; press Retry</source>
            <translation>wurde durch das Signal {0} beendet; „Noch einmal“ drücken</translation>
        </message>
        <message>
            <source>was ended by the system, most likely because memory ran out; close other programs or choose a smaller size</source>
            <translation>wurde vom System beendet, wahrscheinlich weil der Speicher nicht reichte; andere Programme schließen oder eine kleinere Größe wählen</translation>
        </message>
        <message>
            <source>was ended from outside</source>
            <translation>wurde von außen beendet</translation>
        </message>
        <message>
            <source>with: {0} is not an editing technique; choose from {1}.</source>
            <translation>with: {0} ist keine Technik zum Bearbeiten; möglich sind {1}.</translation>
        </message>
        <message>
            <source>word: {0} is not in the description; choose one of {1}.</source>
            <translation>word: {0} steht nicht in der Beschreibung; möglich sind {1}.</translation>
        </message>
        <message>
            <source>yes</source>
            <translation>ja</translation>
        </message>
        <message>
            <source>{0}</source>
            <translation>{0}</translation>
        </message>
        <message>
            <source>{0} The sounds that it learnt are yours to answer for.</source>
            <translation>{0} Für die gelernten Klänge ist man selbst verantwortlich.</translation>
        </message>
        <message>
            <source>{0} bands from {1} to {2} Hz are not possible at {3} Hz.</source>
            <translation>{0} Bänder von {1} bis {2} Hz sind bei {3} Hz nicht möglich.</translation>
        </message>
        <message>
            <source>{0} can be laid over a model now.</source>
            <translation>{0} lässt sich jetzt über ein Modell legen.</translation>
        </message>
        <message>
            <source>{0} can be used now.</source>
            <translation>{0} ist jetzt nutzbar.</translation>
        </message>
        <message>
            <source>{0} cannot be read ({1}); save it again, or choose another file.</source>
            <translation>{0} ist nicht lesbar ({1}); neu speichern oder eine andere Datei wählen.</translation>
        </message>
        <message>
            <source>{0} cannot be read ({1}); save it again.</source>
            <translation>{0} ist nicht lesbar ({1}); neu speichern.</translation>
        </message>
        <message>
            <source>{0} cannot be read.</source>
            <translation>{0} ist nicht lesbar.</translation>
        </message>
        <message>
            <source>{0} cannot be the name of a file; check the path.</source>
            <translation>{0} kann kein Dateiname sein; den Pfad prüfen.</translation>
        </message>
        <message>
            <source>{0} cannot be used ({1}); choose another file or folder.</source>
            <translation>{0} ist nicht nutzbar ({1}); eine andere Datei oder einen anderen Ordner wählen.</translation>
        </message>
        <message>
            <source>{0} does not fit into memory; export it smaller.</source>
            <translation>{0} passt nicht in den Speicher; kleiner exportieren.</translation>
        </message>
        <message>
            <source>{0} does not fit into memory; make it smaller.</source>
            <translation>{0} passt nicht in den Speicher; verkleinern.</translation>
        </message>
        <message>
            <source>{0} does not fit into memory; make the picture smaller.</source>
            <translation>{0} passt nicht in den Speicher; das Bild verkleinern.</translation>
        </message>
        <message>
            <source>{0} does not go together with a picture to start from and was left out.</source>
            <translation>{0} passt nicht zu einem Bild als Ausgangspunkt und wurde weggelassen.</translation>
        </message>
        <message>
            <source>{0} has changed since the request was made; choose it again, or remove sha256 from the request to use it as it is.</source>
            <translation>{0} hat sich seit dem Auftrag geändert; neu wählen, oder sha256 aus dem Auftrag entfernen, um es so zu verwenden.</translation>
        </message>
        <message>
            <source>{0} has more pictures than fit into memory at once; cut a shorter part out of it on the timeline.</source>
            <translation>{0} hat mehr Bilder, als auf einmal in den Speicher passen; auf der Zeitleiste einen kürzeren Teil herausschneiden.</translation>
        </message>
        <message>
            <source>{0} has no pictures at that time; choose another part or file.</source>
            <translation>{0} enthält zu dieser Zeit keine Bilder; einen anderen Teil oder eine andere Datei wählen.</translation>
        </message>
        <message>
            <source>{0} has {1} and at most {2} million are read; make the picture smaller.</source>
            <translation>{0} hat {1}, und höchstens {2} Millionen werden gelesen; das Bild verkleinern.</translation>
        </message>
        <message>
            <source>{0} has {1} x {2} pixels, which is not possible here; make it smaller.</source>
            <translation>{0} hat {1} x {2} Pixel, was hier nicht möglich ist; verkleinern.</translation>
        </message>
        <message>
            <source>{0} holds NaN or infinite pixels; export it again with ordinary numbers.</source>
            <translation>{0} enthält NaN oder unendliche Pixel; mit gewöhnlichen Zahlen neu exportieren.</translation>
        </message>
        <message>
            <source>{0} holds NaN, which is no part of a mask; fill those places with 0 or 1 and save it again.</source>
            <translation>{0} enthält NaN, das zu keiner Maske gehört; diese Stellen mit 0 oder 1 füllen und neu speichern.</translation>
        </message>
        <message>
            <source>{0} holds a model of a kind that is not known here; drop a folder in the diffusers layout.</source>
            <translation>{0} enthält ein Modell von hier unbekannter Art; einen Ordner im Diffusers-Format hineinziehen.</translation>
        </message>
        <message>
            <source>{0} holds neither pictures nor sound; choose another file.</source>
            <translation>{0} enthält weder Bilder noch Ton; eine andere Datei wählen.</translation>
        </message>
        <message>
            <source>{0} holds no autoencoder; take the whole model instead of the network alone.</source>
            <translation>{0} enthält keinen Autoencoder; das ganze Modell nehmen statt nur das Netz.</translation>
        </message>
        <message>
            <source>{0} holds no pictures; choose a film.</source>
            <translation>{0} enthält keine Bilder; einen Film wählen.</translation>
        </message>
        <message>
            <source>{0} holds no settings that can be read; choose the file as the studio made it.</source>
            <translation>{0} enthält keine lesbaren Einstellungen; die Datei so wählen, wie das Studio sie gemacht hat.</translation>
        </message>
        <message>
            <source>{0} holds no settings that can be read{1}; choose the file as it was made, not a screenshot or an edited copy.</source>
            <translation>{0} enthält keine lesbaren Einstellungen{1}; die Originaldatei wählen, kein Bildschirmfoto und keine bearbeitete Kopie.</translation>
        </message>
        <message>
            <source>{0} holds no sound at that time; choose another part or file.</source>
            <translation>{0} enthält zu dieser Zeit keinen Ton; einen anderen Teil oder eine andere Datei wählen.</translation>
        </message>
        <message>
            <source>{0} holds no sound; choose another file.</source>
            <translation>{0} enthält keinen Ton; eine andere Datei wählen.</translation>
        </message>
        <message>
            <source>{0} holds no text encoder; take the whole model instead of the network alone.</source>
            <translation>{0} enthält keinen Textencoder; das ganze Modell nehmen statt nur das Netz.</translation>
        </message>
        <message>
            <source>{0} holds numbers from {1} to {2}; a mask of floats goes from 0 to 1.</source>
            <translation>{0} enthält Zahlen von {1} bis {2}; eine Maske aus Gleitkommazahlen geht von 0 bis 1.</translation>
        </message>
        <message>
            <source>{0} holds other files; choose a name for a new folder.</source>
            <translation>{0} enthält andere Dateien; einen Namen für einen neuen Ordner wählen.</translation>
        </message>
        <message>
            <source>{0} holds samples that are no numbers; export it again as flac or wav.</source>
            <translation>{0} enthält Abtastwerte, die keine Zahlen sind; als flac oder wav neu exportieren.</translation>
        </message>
        <message>
            <source>{0} holds {1} values that are no mask; use bool, 0..255, or floats from 0 to 1.</source>
            <translation>{0} enthält {1}-Werte, die keine Maske sind; bool, 0..255 oder Gleitkommazahlen von 0 bis 1 nehmen.</translation>
        </message>
        <message>
            <source>{0} in few steps, with the guidance scale as an input; taught here.</source>
            <translation>{0} in wenigen Schritten, mit dem Guidance-Wert als Eingabe; hier angelernt.</translation>
        </message>
        <message>
            <source>{0} is a ControlNet, not a model; these cannot be used here yet.</source>
            <translation>{0} ist ein ControlNet, kein Modell; solche sind hier noch nicht nutzbar.</translation>
        </message>
        <message>
            <source>{0} is a Flux or Stable Diffusion 3 model in one file; drop its folder in the diffusers layout instead.</source>
            <translation>{0} ist ein Flux- oder Stable-Diffusion-3-Modell in einer Datei; stattdessen den Ordner im Diffusers-Format hineinziehen.</translation>
        </message>
        <message>
            <source>{0} is a folder; name a file in it.</source>
            <translation>{0} ist ein Ordner; eine Datei darin nennen.</translation>
        </message>
        <message>
            <source>{0} is a model of its own now, in {1}.</source>
            <translation>{0} ist jetzt ein eigenes Modell, in {1}.</translation>
        </message>
        <message>
            <source>{0} is a picture without pixels ({1} x {2}); choose another.</source>
            <translation>{0} ist ein Bild ohne Pixel ({1} x {2}); ein anderes wählen.</translation>
        </message>
        <message>
            <source>{0} is an adapter (LoRA), not a model; name it among the adapters.</source>
            <translation>{0} ist ein Adapter (LoRA), kein Modell; bei den Adaptern nennen.</translation>
        </message>
        <message>
            <source>{0} is an embedding (textual inversion), not a model; these cannot be used here yet.</source>
            <translation>{0} ist ein Embedding (Textual Inversion), kein Modell; solche sind hier noch nicht nutzbar.</translation>
        </message>
        <message>
            <source>{0} is damaged ({1}) and no layer in it can be read; open an older copy.</source>
            <translation>{0} ist beschädigt ({1}), und keine Ebene darin ist lesbar; eine ältere Kopie öffnen.</translation>
        </message>
        <message>
            <source>{0} is damaged ({1}); {2} can still be read, open those and save them anew.</source>
            <translation>{0} ist beschädigt ({1}); {2} ist noch lesbar; öffnen und neu speichern.</translation>
        </message>
        <message>
            <source>{0} is damaged or cut off ({1}); get or save it again.</source>
            <translation>{0} ist beschädigt oder abgeschnitten ({1}); neu holen oder neu speichern.</translation>
        </message>
        <message>
            <source>{0} is damaged or unusual ({1}); save it again in another program.</source>
            <translation>{0} ist beschädigt oder ungewöhnlich ({1}); in einem anderen Programm neu speichern.</translation>
        </message>
        <message>
            <source>{0} is empty; choose another file or save it again.</source>
            <translation>{0} ist leer; eine andere Datei wählen oder sie neu speichern.</translation>
        </message>
        <message>
            <source>{0} is not a Photoshop file that can be read ({1}); save it again.</source>
            <translation>{0} ist keine lesbare Photoshop-Datei ({1}); neu speichern.</translation>
        </message>
        <message>
            <source>{0} is not a film that can be read ({1}); choose another file.</source>
            <translation>{0} ist kein lesbarer Film ({1}); eine andere Datei wählen.</translation>
        </message>
        <message>
            <source>{0} is not a film that can be read ({1}); use mp4, mov, webm, mkv or gif, or save it again.</source>
            <translation>{0} ist kein lesbarer Film ({1}); mp4, mov, webm, mkv oder gif nehmen oder neu speichern.</translation>
        </message>
        <message>
            <source>{0} is not a picture that can be read; use PNG, JPEG, WebP, AVIF or TIFF.</source>
            <translation>{0} ist kein lesbares Bild; PNG, JPEG, WebP, AVIF oder TIFF nehmen.</translation>
        </message>
        <message>
            <source>{0} is not a sound that can be read; use flac, wav, ogg or mp3.</source>
            <translation>{0} ist kein lesbarer Klang; flac, wav, ogg oder mp3 nehmen.</translation>
        </message>
        <message>
            <source>{0} is not a sound that can be read; use flac, wav, ogg, mp3 or m4a.</source>
            <translation>{0} ist kein lesbarer Klang; flac, wav, ogg, mp3 oder m4a nehmen.</translation>
        </message>
        <message>
            <source>{0} is not a usable array file ({1}); save it with numpy.save.</source>
            <translation>{0} ist keine brauchbare Array-Datei ({1}); mit numpy.save speichern.</translation>
        </message>
        <message>
            <source>{0} is not a {1} type; use one of {2}.</source>
            <translation>{0} ist kein Dateityp für {1}; möglich sind {2}.</translation>
        </message>
        <message>
            <source>{0} is not an OpenRaster project; it has no list of layers inside.</source>
            <translation>{0} ist kein OpenRaster-Projekt; darin fehlt die Liste der Ebenen.</translation>
        </message>
        <message>
            <source>{0} is not an OpenRaster project; open it as a picture instead.</source>
            <translation>{0} ist kein OpenRaster-Projekt; stattdessen als Bild öffnen.</translation>
        </message>
        <message>
            <source>{0} is not an ordinary file; choose another.</source>
            <translation>{0} ist keine gewöhnliche Datei; eine andere wählen.</translation>
        </message>
        <message>
            <source>{0} is of a kind that no technique here uses.</source>
            <translation>{0} ist von einer Art, die keine Technik hier verwendet.</translation>
        </message>
        <message>
            <source>{0} is one part of a model alone; drop the folder of the whole model in the diffusers layout.</source>
            <translation>{0} ist nur ein Teil eines Modells; den Ordner des ganzen Modells im Diffusers-Format hineinziehen.</translation>
        </message>
        <message>
            <source>{0} is the refiner of Stable Diffusion XL, which cannot be used alone; take the base model.</source>
            <translation>{0} ist der Refiner von Stable Diffusion XL, der allein nicht nutzbar ist; das Basismodell nehmen.</translation>
        </message>
        <message>
            <source>{0} is too long to be held in memory; cut a shorter part out of it.</source>
            <translation>{0} ist zu lang für den Speicher; einen kürzeren Teil herausschneiden.</translation>
        </message>
        <message>
            <source>{0} is {1} x {2} and the first picture {3} x {4}; pictures of one film have one size.</source>
            <translation>{0} ist {1} x {2} und das erste Bild {3} x {4}; Bilder eines Films sind gleich groß.</translation>
        </message>
        <message>
            <source>{0} knows no variations; another seed gives another piece.</source>
            <translation>{0} kennt keine Variationen; ein anderer Seed ergibt ein anderes Stück.</translation>
        </message>
        <message>
            <source>{0} lies beside the canvas; move it onto the picture.</source>
            <translation>{0} liegt neben der Leinwand; auf das Bild schieben.</translation>
        </message>
        <message>
            <source>{0} must hold a mask of shape (height, width), not {1}; save one layer of it.</source>
            <translation>{0} muss eine Maske der Form (Höhe, Breite) enthalten, nicht {1}; eine einzelne Ebene davon speichern.</translation>
        </message>
        <message>
            <source>{0} notes.</source>
            <translation>{0} Noten.</translation>
        </message>
        <message>
            <source>{0} of sound from {1} files.</source>
            <translation>{0} Klang aus {1} Dateien.</translation>
        </message>
        <message>
            <source>{0} of {1} parts of {2} have no counterpart in {3} and have no effect.</source>
            <translation>{0} von {1} Teilen von {2} haben in {3} kein Gegenstück und wirken nicht.</translation>
        </message>
        <message>
            <source>{0} steps of the teacher do not hold {1} of the student.</source>
            <translation>{0} Schritte des Lehrers enthalten keine {1} des Schülers.</translation>
        </message>
        <message>
            <source>{0} takes no words: it plays what it was taught.</source>
            <translation>{0} nimmt keine Worte: Es spielt, was es gelernt hat.</translation>
        </message>
        <message>
            <source>{0} takes no words: the picture alone says what moves.</source>
            <translation>{0} nimmt keine Worte: Allein das Bild sagt, was sich bewegt.</translation>
        </message>
        <message>
            <source>{0} was not taught {1}, so it draws what it makes of the rest; its card lists the words it knows.</source>
            <translation>{0} hat {1} nicht gelernt und zeichnet, was es aus dem Rest macht; seine Karte nennt die bekannten Wörter.</translation>
        </message>
        <message>
            <source>{0} {1} is not known here; the model's own {2} is used.</source>
            <translation>{0} {1} ist hier nicht bekannt; verwendet wird der Standard des Modells, {2}.</translation>
        </message>
        <message>
            <source>{0}, taught {1}.</source>
            <translation>{0}, angelernt mit {1}.</translation>
        </message>
        <message>
            <source>{0}, then press Retry</source>
            <translation>{0}, dann „Noch einmal“ drücken</translation>
        </message>
        <message>
            <source>{0}: a Photoshop file holds at most 30,000 pixels a side; export a part, or as PNG.</source>
            <translation>{0}: Eine Photoshop-Datei fasst höchstens 30.000 Pixel je Seite; einen Teil exportieren, oder als PNG.</translation>
        </message>
        <message>
            <source>{0}: a film of {1} x {2} cannot be written as {3} ({4}); save it as .mkv.</source>
            <translation>{0}: Ein Film von {1} x {2} lässt sich nicht als {3} schreiben ({4}); als .mkv speichern.</translation>
        </message>
        <message>
            <source>{0}: a film of {1} x {2} cannot be written as {3} ({4}); try another size or type.</source>
            <translation>{0}: Ein Film von {1} x {2} lässt sich nicht als {3} schreiben ({4}); eine andere Größe oder einen anderen Typ versuchen.</translation>
        </message>
        <message>
            <source>{0}: a picture of {1} x {2} cannot be written as {3} ({4}); save it as PNG.</source>
            <translation>{0}: Ein Bild von {1} x {2} lässt sich nicht als {3} schreiben ({4}); als PNG speichern.</translation>
        </message>
        <message>
            <source>{0}: a {1} cannot be saved as a film; choose a file type made for it.</source>
            <translation>{0}: Die Art {1} lässt sich nicht als Film speichern; einen passenden Dateityp wählen.</translation>
        </message>
        <message>
            <source>{0}: a {1} cannot be saved as a picture; choose a file type made for it.</source>
            <translation>{0}: Die Art {1} lässt sich nicht als Bild speichern; einen passenden Dateityp wählen.</translation>
        </message>
        <message>
            <source>{0}: a {1} cannot be saved as a sound; choose a file type made for it.</source>
            <translation>{0}: Die Art {1} lässt sich nicht als Klang speichern; einen passenden Dateityp wählen.</translation>
        </message>
        <message>
            <source>{0}: a {1} has no pictures; choose a clip.</source>
            <translation>{0}: Die Art {1} hat keine Bilder; einen Clip wählen.</translation>
        </message>
        <message>
            <source>{0}: another window is holding the queue; close it and try again.</source>
            <translation>{0}: Ein anderes Fenster hält die Warteschlange; es schließen und noch einmal versuchen.</translation>
        </message>
        <message>
            <source>{0}: is empty; paint over what is to change.</source>
            <translation>{0}: ist leer; übermalen, was sich ändern soll.</translation>
        </message>
        <message>
            <source>{0}: is empty; paint where “{1}” should be, or remove the region.</source>
            <translation>{0}: ist leer; malen, wo „{1}“ sein soll, oder die Region entfernen.</translation>
        </message>
        <message>
            <source>{0}: is needed and missing; add it.</source>
            <translation>{0}: fehlt und wird gebraucht; angeben.</translation>
        </message>
        <message>
            <source>{0}: is {1} x {2} px and the picture {3} x {4}; make both the same size.</source>
            <translation>{0}: ist {1} x {2} px und das Bild {3} x {4}; beide gleich groß machen.</translation>
        </message>
        <message>
            <source>{0}: it cannot be written ({1}); free some space and try again.</source>
            <translation>{0}: lässt sich nicht schreiben ({1}); Platz schaffen und noch einmal versuchen.</translation>
        </message>
        <message>
            <source>{0}: it lasts {1} s; choose a sound of {2} to {3} seconds.</source>
            <translation>{0}: dauert {1} s; einen Klang von {2} bis {3} Sekunden wählen.</translation>
        </message>
        <message>
            <source>{0}: must be a number{1}.</source>
            <translation>{0}: muss eine Zahl sein{1}.</translation>
        </message>
        <message>
            <source>{0}: must be a whole number{1}.</source>
            <translation>{0}: muss eine ganze Zahl sein{1}.</translation>
        </message>
        <message>
            <source>{0}: must be {1}{2}.</source>
            <translation>{0}: muss {1} sein{2}.</translation>
        </message>
        <message>
            <source>{0}: the disk is full; free some space and press Retry.</source>
            <translation>{0}: Der Datenträger ist voll; Platz schaffen und „Noch einmal“ drücken.</translation>
        </message>
        <message>
            <source>{0}: the disk of {1} has {2} MB left and about {3} MB are needed; free some space or choose another folder.</source>
            <translation>{0}: Der Datenträger von {1} hat noch {2} MB, und etwa {3} MB sind nötig; Platz schaffen oder einen anderen Ordner wählen.</translation>
        </message>
        <message>
            <source>{0}: the folder cannot be written to; choose another folder or change its permissions.</source>
            <translation>{0}: In den Ordner kann nicht geschrieben werden; einen anderen wählen oder seine Rechte ändern.</translation>
        </message>
        <message>
            <source>{0}: the picture cannot be written as PSD ({1}); export it as PNG.</source>
            <translation>{0}: Das Bild lässt sich nicht als PSD schreiben ({1}); als PNG exportieren.</translation>
        </message>
        <message>
            <source>{0}: the picture would get {1} px, more than {2}; add less.</source>
            <translation>{0}: Das Bild würde {1} px groß, mehr als {2}; weniger hinzufügen.</translation>
        </message>
        <message>
            <source>{0}: there are no pictures to write; choose some.</source>
            <translation>{0}: Es gibt keine Bilder zu schreiben; einige wählen.</translation>
        </message>
        <message>
            <source>{0}: there is no such setting here; remove it or check its spelling.</source>
            <translation>{0}: Diese Einstellung gibt es hier nicht; weglassen oder die Schreibweise prüfen.</translation>
        </message>
        <message>
            <source>{0}: there is nothing to be heard in it; choose another sound.</source>
            <translation>{0}: Darin ist nichts zu hören; einen anderen Klang wählen.</translation>
        </message>
        <message>
            <source>{0}: was {1} characters long and was cut at 10,000.</source>
            <translation>{0}: hatte {1} Zeichen und wurde bei 10.000 abgeschnitten.</translation>
        </message>
        <message>
            <source>{0}: you may not write to {1}; change its permissions or choose another folder.</source>
            <translation>{0}: In {1} darf nicht geschrieben werden; die Rechte ändern oder einen anderen Ordner wählen.</translation>
        </message>
        <message>
            <source>{0}: {1} became {2}.</source>
            <translation>{0}: Aus {1} wurde {2}.</translation>
        </message>
        <message>
            <source>{0}: {1} cannot be the name of a folder ({2}); name another.</source>
            <translation>{0}: {1} kann kein Ordnername sein ({2}); einen anderen nennen.</translation>
        </message>
        <message>
            <source>{0}: {1} cannot be written to ({2}); {3}.</source>
            <translation>{0}: In {1} kann nicht geschrieben werden ({2}); {3}.</translation>
        </message>
        <message>
            <source>{0}: {1} channels at {2} Hz cannot be written as {3} ({4}); save it as .flac.</source>
            <translation>{0}: {1} Kanäle bei {2} Hz lassen sich nicht als {3} schreiben ({4}); als .flac speichern.</translation>
        </message>
        <message>
            <source>{0}: {1} has changed since the request was made; put the old file back, or make the request again.</source>
            <translation>{0}: {1} hat sich seit dem Auftrag geändert; die alte Datei zurücklegen oder den Auftrag neu stellen.</translation>
        </message>
        <message>
            <source>{0}: {1} is a file; name a folder.</source>
            <translation>{0}: {1} ist eine Datei; einen Ordner nennen.</translation>
        </message>
        <message>
            <source>{0}: {1} is no film type that can be written; use one of {2}.</source>
            <translation>{0}: {1} ist kein schreibbarer Filmtyp; möglich sind {2}.</translation>
        </message>
        <message>
            <source>{0}: {1} is not a film type that can be written; use one of {2}.</source>
            <translation>{0}: {1} ist kein schreibbarer Filmtyp; möglich sind {2}.</translation>
        </message>
        <message>
            <source>{0}: {1} is not a number and was left out.</source>
            <translation>{0}: {1} ist keine Zahl und wurde weggelassen.</translation>
        </message>
        <message>
            <source>{0}: {1} is not a picture type; use one of {2}.</source>
            <translation>{0}: {1} ist kein Bildtyp; möglich sind {2}.</translation>
        </message>
        <message>
            <source>{0}: {1} is not a sound type that can be written; use one of {2}.</source>
            <translation>{0}: {1} ist kein schreibbarer Klangtyp; möglich sind {2}.</translation>
        </message>
        <message>
            <source>{0}: {1} is not possible with this model; sides go from {2} to {3} px in steps of {4}, the nearest is {5}.</source>
            <translation>{0}: {1} ist mit diesem Modell nicht möglich; Seiten gehen von {2} bis {3} px in Schritten von {4}, am nächsten liegt {5}.</translation>
        </message>
        <message>
            <source>{0}: {1} px is less than the {2} px there are; raise it.</source>
            <translation>{0}: {1} px ist weniger als die {2} px, die da sind; erhöhen.</translation>
        </message>
        <message>
            <source>{0}: {1}; check the disk and try again.</source>
            <translation>{0}: {1}; den Datenträger prüfen und noch einmal versuchen.</translation>
        </message>
        <message>
            <source>“Without” has no effect with this model: it was taught guidance against the empty prompt.</source>
            <translation>„Ohne“ wirkt bei diesem Modell nicht: Es hat Guidance gegen den leeren Prompt gelernt.</translation>
        </message>
        <message>
            <source>“Without” has no effect with {0}.</source>
            <translation>„Ohne“ wirkt bei {0} nicht.</translation>
        </message>
        <message>
            <source>“{0}” below is a {1}; only layers of one kind can be merged.</source>
            <translation>„{0}“ darunter ist von der Art {1}; nur Ebenen gleicher Art lassen sich zusammenfügen.</translation>
        </message>
        <message>
            <source>“{0}” cannot be read ({1}); check the file.</source>
            <translation>„{0}“ ist nicht lesbar ({1}); die Datei prüfen.</translation>
        </message>
        <message>
            <source>“{0}” cannot lie on the track of the clip it was made from.</source>
            <translation>„{0}“ kann nicht auf der Spur des Clips liegen, aus dem es entstand.</translation>
        </message>
        <message>
            <source>“{0}” has its weights only in files that may hold code; load the model with its .safetensors files.</source>
            <translation>„{0}“ hat seine Gewichte nur in Dateien, die Code enthalten können; das Modell mit seinen .safetensors-Dateien herunterladen.</translation>
        </message>
        <message>
            <source>“{0}” holds no weights; load the model with its .safetensors files.</source>
            <translation>„{0}“ enthält keine Gewichte; das Modell mit seinen .safetensors-Dateien herunterladen.</translation>
        </message>
        <message>
            <source>“{0}” is a group; choose a layer in it to paint on.</source>
            <translation>„{0}“ ist eine Gruppe; zum Malen eine Ebene darin wählen.</translation>
        </message>
        <message>
            <source>“{0}” is empty; there is nothing to select.</source>
            <translation>„{0}“ ist leer; es gibt nichts auszuwählen.</translation>
        </message>
        <message>
            <source>“{0}” is empty; there is nothing to turn.</source>
            <translation>„{0}“ ist leer; es gibt nichts zu drehen.</translation>
        </message>
        <message>
            <source>“{0}” is hidden; show it to merge it.</source>
            <translation>„{0}“ ist ausgeblendet; zum Zusammenfügen einblenden.</translation>
        </message>
        <message>
            <source>“{0}” is hidden; show it to move it.</source>
            <translation>„{0}“ ist ausgeblendet; zum Verschieben einblenden.</translation>
        </message>
        <message>
            <source>“{0}” is hidden; show it to paint on it.</source>
            <translation>„{0}“ ist ausgeblendet; zum Malen einblenden.</translation>
        </message>
        <message>
            <source>“{0}” is in a format that cannot be used here; use .safetensors.</source>
            <translation>„{0}“ hat ein Format, das hier nicht nutzbar ist; .safetensors nehmen.</translation>
        </message>
        <message>
            <source>“{0}” is in the list of models now ({1}).</source>
            <translation>„{0}“ steht jetzt in der Liste der Modelle ({1}).</translation>
        </message>
        <message>
            <source>“{0}” is locked; unlock it to change it.</source>
            <translation>„{0}“ ist gesperrt; zum Ändern entsperren.</translation>
        </message>
        <message>
            <source>“{0}” is locked; unlock it to delete it.</source>
            <translation>„{0}“ ist gesperrt; zum Löschen entsperren.</translation>
        </message>
        <message>
            <source>“{0}” is locked; unlock it to merge it.</source>
            <translation>„{0}“ ist gesperrt; zum Zusammenfügen entsperren.</translation>
        </message>
        <message>
            <source>“{0}” is locked; unlock it to move it.</source>
            <translation>„{0}“ ist gesperrt; zum Verschieben entsperren.</translation>
        </message>
        <message>
            <source>“{0}” is locked; unlock it to paint on it.</source>
            <translation>„{0}“ ist gesperrt; zum Malen entsperren.</translation>
        </message>
        <message>
            <source>“{0}” is not a group.</source>
            <translation>„{0}“ ist keine Gruppe.</translation>
        </message>
        <message>
            <source>“{0}” is not a model's folder; choose the one that holds model_index.json or card.toml.</source>
            <translation>„{0}“ ist kein Ordner eines Modells; den wählen, der model_index.json oder card.toml enthält.</translation>
        </message>
        <message>
            <source>“{0}” is not a safetensors file, or it is damaged; load it again.</source>
            <translation>„{0}“ ist keine safetensors-Datei oder beschädigt; neu herunterladen.</translation>
        </message>
        <message>
            <source>“{0}” is not complete, {1} MB are missing; load it again.</source>
            <translation>„{0}“ ist nicht vollständig, {1} MB fehlen; neu herunterladen.</translation>
        </message>
        <message>
            <source>“{0}” is not complete, {1} is missing; load the model again.</source>
            <translation>„{0}“ ist nicht vollständig, {1} fehlt; das Modell neu herunterladen.</translation>
        </message>
        <message>
            <source>“{0}” is nothing that can be opened here; drop pictures or projects.</source>
            <translation>„{0}“ lässt sich hier nicht öffnen; Bilder oder Projekte hineinziehen.</translation>
        </message>
        <message>
            <source>“{0}” is nothing that can be put on a timeline; drop films, pictures or sounds.</source>
            <translation>„{0}“ lässt sich nicht auf eine Zeitleiste legen; Filme, Bilder oder Klänge hineinziehen.</translation>
        </message>
        <message>
            <source>“{0}” may hold code that would run when it is opened; use the model's .safetensors file instead.</source>
            <translation>„{0}“ kann Code enthalten, der beim Öffnen liefe; stattdessen die .safetensors-Datei des Modells nehmen.</translation>
        </message>
        <message>
            <source>“{0}” on the timeline has changed since the project was saved.</source>
            <translation>„{0}“ auf der Zeitleiste hat sich geändert, seit das Projekt gespeichert wurde.</translation>
        </message>
        <message>
            <source>“{0}” on the timeline is not where it was; put it beside the project and open it again.</source>
            <translation>„{0}“ auf der Zeitleiste ist nicht, wo es war; neben das Projekt legen und es neu öffnen.</translation>
        </message>
        <message>
            <source>“{0}” uses the blend mode {1}, which is shown as normal here.</source>
            <translation>„{0}“ verwendet den Mischmodus {1}, der hier als normal gezeigt wird.</translation>
        </message>
        <message>
            <source>“{0}” {1}; put it on another track.</source>
            <translation>„{0}“ {1}; auf eine andere Spur legen.</translation>
        </message>
    </context>
    <context>
        <name>SettingsDialog</name>
        <message>
            <source> and </source>
            <translation> und </translation>
        </message>
        <message>
            <source>A model is a folder as the diffusers library writes it, or one .safetensors file of Stable Diffusion 1, 2 or XL. Name yours here or drop it on the window. What lies in the models folder is found by itself, also adapters (LoRA files).</source>
            <translation>Ein Modell ist ein Ordner, wie ihn die Bibliothek Diffusers schreibt, oder eine .safetensors-Datei von Stable Diffusion 1, 2 oder XL. Eigene hier angeben oder auf das Fenster ziehen. Was im Modellordner liegt, wird von selbst gefunden, auch Adapter (LoRA-Dateien).</translation>
        </message>
        <message>
            <source>Add a file…</source>
            <translation>Datei hinzufügen…</translation>
        </message>
        <message>
            <source>Add a model's folder…</source>
            <translation>Ordner eines Modells hinzufügen…</translation>
        </message>
        <message>
            <source>As the system</source>
            <translation>Wie das System</translation>
        </message>
        <message>
            <source>Canvas</source>
            <translation>Leinwand</translation>
        </message>
        <message>
            <source>Command</source>
            <translation>Befehl</translation>
        </message>
        <message>
            <source>Dark</source>
            <translation>Dunkel</translation>
        </message>
        <message>
            <source>Draw the canvas with the graphics card</source>
            <translation>Leinwand mit der Grafikkarte zeichnen</translation>
        </message>
        <message>
            <source>File of the model</source>
            <translation>Datei des Modells</translation>
        </message>
        <message>
            <source>Find a command</source>
            <translation>Befehl suchen</translation>
        </message>
        <message>
            <source>Folder of the model</source>
            <translation>Ordner des Modells</translation>
        </message>
        <message>
            <source>General</source>
            <translation>Allgemein</translation>
        </message>
        <message>
            <source>High contrast</source>
            <translation>Hoher Kontrast</translation>
        </message>
        <message>
            <source>Keys</source>
            <translation>Tasten</translation>
        </message>
        <message>
            <source>Language</source>
            <translation>Sprache</translation>
        </message>
        <message>
            <source>Light</source>
            <translation>Hell</translation>
        </message>
        <message>
            <source>Look again</source>
            <translation>Neu suchen</translation>
        </message>
        <message>
            <source>Make a fast version of {0}</source>
            <translation>Schnelle Version von {0} machen</translation>
        </message>
        <message>
            <source>Make a fast version…</source>
            <translation>Schnelle Version machen…</translation>
        </message>
        <message>
            <source>Models</source>
            <translation>Modelle</translation>
        </message>
        <message>
            <source>Models in one file ({0})</source>
            <translation>Modelle in einer Datei ({0})</translation>
        </message>
        <message>
            <source>No model is here yet.</source>
            <translation>Noch ist kein Modell da.</translation>
        </message>
        <message>
            <source>Open the folder</source>
            <translation>Ordner öffnen</translation>
        </message>
        <message>
            <source>Open the models folder</source>
            <translation>Ordner der Modelle öffnen</translation>
        </message>
        <message>
            <source>Parts of the settings</source>
            <translation>Teile der Einstellungen</translation>
        </message>
        <message>
            <source>Reset the keys of “{0}”</source>
            <translation>Tasten von „{0}“ zurücksetzen</translation>
        </message>
        <message>
            <source>Settings</source>
            <translation>Einstellungen</translation>
        </message>
        <message>
            <source>Shortcuts</source>
            <translation>Tastenkürzel</translation>
        </message>
        <message>
            <source>Smoother on large screens with a graphics card; without one it is much slower. Off unless you say so.</source>
            <translation>Flüssiger auf großen Bildschirmen mit einer Grafikkarte; ohne eine viel langsamer. Anfangs ausgeschaltet.</translation>
        </message>
        <message>
            <source>Teaches a second model to draw like this one in one to eight steps, on this machine</source>
            <translation>Lehrt auf diesem Rechner ein zweites Modell, in ein bis acht Schritten zu zeichnen wie dieses</translation>
        </message>
        <message>
            <source>Theme</source>
            <translation>Design</translation>
        </message>
        <message>
            <source>Use {0} no more</source>
            <translation>{0} nicht mehr verwenden</translation>
        </message>
        <message>
            <source>What you make is in</source>
            <translation>Eigene Werke liegen in</translation>
        </message>
        <message>
            <source>{0} is used no more; its folder stays as it is.</source>
            <translation>{0} wird nicht mehr verwendet; der Ordner bleibt, wie er ist.</translation>
        </message>
        <message>
            <source>{0} is wanted by {1}; only the first will get it.</source>
            <translation>{0} ist mehrfach belegt: {1}; nur der erste Befehl bekommt es.</translation>
        </message>
    </context>
    <context>
        <name>ShapePage</name>
        <message>
            <source>Drag from full to nothing. Shift: straight on. Ctrl clears</source>
            <translation>Von voll nach nichts ziehen. Umschalt: gerade. Strg leert</translation>
        </message>
        <message>
            <source>Make a mask of it</source>
            <translation>Zur Maske machen</translation>
        </message>
    </context>
    <context>
        <name>Shelf</name>
        <message>
            <source>Exported as {0}.</source>
            <translation>Exportiert als {0}.</translation>
        </message>
        <message>
            <source>Exporting {0}</source>
            <translation>{0} wird exportiert</translation>
        </message>
        <message>
            <source>Looking for a tune in {0}</source>
            <translation>In {0} wird eine Melodie gesucht</translation>
        </message>
        <message>
            <source>Reading {0}</source>
            <translation>{0} wird gelesen</translation>
        </message>
        <message>
            <source>Removing what is marked</source>
            <translation>Markiertes wird entfernt</translation>
        </message>
        <message>
            <source>{0:.1f} LUFS, true peak {1:.1f} dBTP.</source>
            <translation>{0:.1f} LUFS, True Peak {1:.1f} dBTP.</translation>
        </message>
        <message>
            <source>{0} without the marked part</source>
            <translation>{0} ohne das Markierte</translation>
        </message>
    </context>
    <context>
        <name>SideBySide</name>
        <message>
            <source>Accept</source>
            <translation>Übernehmen</translation>
        </message>
        <message>
            <source>Make the chosen picture a layer</source>
            <translation>Das gewählte Bild zur Ebene machen</translation>
        </message>
        <message>
            <source>Show what changed</source>
            <translation>Änderungen zeigen</translation>
        </message>
        <message>
            <source>Stop</source>
            <translation>Stopp</translation>
        </message>
        <message>
            <source>The same instruction and seed. To the right the words count more, downwards the picture is kept more. Choose the best and use its settings.</source>
            <translation>Dieselbe Anweisung und derselbe Seed. Nach rechts zählen die Worte mehr, nach unten bleibt mehr vom Bild. Das beste wählen und seine Einstellungen verwenden.</translation>
        </message>
        <message>
            <source>There is no picture on the canvas yet; draw one from words or drop one in.</source>
            <translation>Auf der Leinwand ist noch kein Bild; eines aus Worten zeichnen oder hineinziehen.</translation>
        </message>
        <message>
            <source>Use these settings</source>
            <translation>Diese Einstellungen verwenden</translation>
        </message>
        <message>
            <source>Which scales?</source>
            <translation>Welche Werte?</translation>
        </message>
        <message>
            <source>Words {0:g} · picture {1:g}</source>
            <translation>Worte {0:g} · Bild {1:g}</translation>
        </message>
    </context>
    <context>
        <name>SizeRow</name>
        <message>
            <source>Size</source>
            <translation>Größe</translation>
        </message>
        <message>
            <source>Size of the generation box</source>
            <translation>Größe des Zeichenrahmens</translation>
        </message>
    </context>
    <context>
        <name>SoundCard</name>
        <message>
            <source>Choose a sound file</source>
            <translation>Datei wählen</translation>
        </message>
        <message>
            <source>Drop a recording in to see, hear and mark it. To make music from words, add a model of music in Settings, Models.</source>
            <translation>Eine Aufnahme hineinziehen, um sie zu sehen, zu hören und zu markieren. Für Musik aus Worten in „Einstellungen“, „Modelle“ ein Musikmodell hinzufügen.</translation>
        </message>
        <message>
            <source>Hum a tune</source>
            <translation>Melodie summen</translation>
        </message>
        <message>
            <source>Make or bring a sound</source>
            <translation>Einen Klang machen oder mitbringen</translation>
        </message>
        <message>
            <source>Say on the right what you want to hear, or try one of these. It is made here, on this computer.</source>
            <translation>Rechts schreiben, was zu hören sein soll, oder eines davon versuchen. Es entsteht hier, auf diesem Rechner.</translation>
        </message>
        <message>
            <source>Say what you want to hear</source>
            <translation>Schreiben, was zu hören sein soll</translation>
        </message>
        <message>
            <source>Start</source>
            <translation>Start</translation>
        </message>
        <message>
            <source>or drop one here</source>
            <translation>oder hierher ziehen</translation>
        </message>
    </context>
    <context>
        <name>SoundExportDialog</name>
        <message>
            <source>All of it, {0}</source>
            <translation>Alles, {0}</translation>
        </message>
        <message>
            <source>Artist</source>
            <translation>Interpret</translation>
        </message>
        <message>
            <source>Bring to</source>
            <translation>Anpassen auf</translation>
        </message>
        <message>
            <source>Cancel</source>
            <translation>Abbrechen</translation>
        </message>
        <message>
            <source>Export</source>
            <translation>Exportieren</translation>
        </message>
        <message>
            <source>Export the sound</source>
            <translation>Klang exportieren</translation>
        </message>
        <message>
            <source>FLAC, nothing is lost</source>
            <translation>FLAC, verlustfrei</translation>
        </message>
        <message>
            <source>Format</source>
            <translation>Format</translation>
        </message>
        <message>
            <source>Limit the true peak</source>
            <translation>True Peak begrenzen</translation>
        </message>
        <message>
            <source>Loudness</source>
            <translation>Lautheit</translation>
        </message>
        <message>
            <source>MP3, small, for every player</source>
            <translation>MP3, klein, läuft überall</translation>
        </message>
        <message>
            <source>Music services play at −14, podcasts are at −16, broadcasting at −23</source>
            <translation>Musikdienste spielen mit −14, Podcasts liegen bei −16, der Rundfunk bei −23</translation>
        </message>
        <message>
            <source>Ogg Vorbis, small</source>
            <translation>Ogg Vorbis, klein</translation>
        </message>
        <message>
            <source>Opus, smallest</source>
            <translation>Opus, am kleinsten</translation>
        </message>
        <message>
            <source>Peaks</source>
            <translation>Spitzen</translation>
        </message>
        <message>
            <source>Peaks between samples count too; what would pass it is made softer for a moment</source>
            <translation>Auch Spitzen zwischen den Abtastwerten zählen; was darüber läge, wird kurz leiser gemacht</translation>
        </message>
        <message>
            <source>Quality</source>
            <translation>Qualität</translation>
        </message>
        <message>
            <source>Sample rate</source>
            <translation>Abtastrate</translation>
        </message>
        <message>
            <source>Say inside the file how it was made</source>
            <translation>In der Datei vermerken, wie sie entstand</translation>
        </message>
        <message>
            <source>Set the loudness</source>
            <translation>Lautheit anpassen</translation>
        </message>
        <message>
            <source>The chosen stretch, {0} to {1}</source>
            <translation>Der Zeitbereich, {0} bis {1}</translation>
        </message>
        <message>
            <source>The words and settings are written beside the tags, to be read by this studio.</source>
            <translation>Worte und Einstellungen stehen neben den Tags, lesbar für dieses Studio.</translation>
        </message>
        <message>
            <source>Title</source>
            <translation>Titel</translation>
        </message>
        <message>
            <source>True peak</source>
            <translation>True Peak</translation>
        </message>
        <message>
            <source>True peak at most</source>
            <translation>True Peak höchstens</translation>
        </message>
        <message>
            <source>WAV, for every program</source>
            <translation>WAV, für jedes Programm</translation>
        </message>
        <message>
            <source>What</source>
            <translation>Was</translation>
        </message>
        <message>
            <source>{0} Hz, its own</source>
            <translation>{0} Hz, wie im Klang</translation>
        </message>
    </context>
    <context>
        <name>SourceField</name>
        <message>
            <source>Choose a picture</source>
            <translation>Ein Bild wählen</translation>
        </message>
        <message>
            <source>Choose a sound</source>
            <translation>Einen Klang wählen</translation>
        </message>
        <message>
            <source>Pictures (*.png *.jpg *.jpeg *.webp *.avif *.tif *.tiff *.bmp *.gif)</source>
            <translation>Bilder (*.png *.jpg *.jpeg *.webp *.avif *.tif *.tiff *.bmp *.gif)</translation>
        </message>
        <message>
            <source>Sounds (*.wav *.flac *.ogg *.mp3 *.opus *.m4a *.aiff)</source>
            <translation>Klänge (*.wav *.flac *.ogg *.mp3 *.opus *.m4a *.aiff)</translation>
        </message>
        <message>
            <source>a file</source>
            <translation>eine Datei</translation>
        </message>
        <message>
            <source>all of it</source>
            <translation>alles</translation>
        </message>
        <message>
            <source>no mask yet</source>
            <translation>noch keine Maske</translation>
        </message>
        <message>
            <source>no second take yet</source>
            <translation>noch kein zweiter Take</translation>
        </message>
        <message>
            <source>no take yet</source>
            <translation>noch kein Take</translation>
        </message>
        <message>
            <source>none</source>
            <translation>ohne</translation>
        </message>
        <message>
            <source>nothing is marked</source>
            <translation>nichts markiert</translation>
        </message>
        <message>
            <source>on the canvas</source>
            <translation>auf der Leinwand</translation>
        </message>
        <message>
            <source>the mask</source>
            <translation>die Maske</translation>
        </message>
        <message>
            <source>the selection</source>
            <translation>die Auswahl</translation>
        </message>
        <message>
            <source>what is marked</source>
            <translation>das Markierte</translation>
        </message>
    </context>
    <context>
        <name>SpectrogramView</name>
        <message>
            <source>Spectrogram</source>
            <translation>Spektrogramm</translation>
        </message>
        <message>
            <source>The sound over time and pitch. Arrow keys pan, plus and minus zoom, Home and End go to the ends.</source>
            <translation>Der Klang über Zeit und Tonhöhe. Pfeiltasten verschieben, Plus und Minus zoomen, Pos1 und Ende gehen an die Enden.</translation>
        </message>
        <message>
            <source>after</source>
            <translation>nachher</translation>
        </message>
        <message>
            <source>before</source>
            <translation>vorher</translation>
        </message>
        <message>
            <source>silent</source>
            <translation>stumm</translation>
        </message>
    </context>
    <context>
        <name>Stage</name>
        <message>
            <source>After</source>
            <translation>Nachher</translation>
        </message>
        <message>
            <source>Before</source>
            <translation>Vorher</translation>
        </message>
        <message>
            <source>Canvas</source>
            <translation>Leinwand</translation>
        </message>
        <message>
            <source>Copied {0} × {1} pixels.</source>
            <translation>{0} × {1} Pixel kopiert.</translation>
        </message>
        <message>
            <source>Pasted</source>
            <translation>Eingefügt</translation>
        </message>
        <message>
            <source>There is no picture on the clipboard.</source>
            <translation>In der Zwischenablage ist kein Bild.</translation>
        </message>
        <message>
            <source>There is nothing to copy here; choose a layer or select something on it.</source>
            <translation>Hier gibt es nichts zu kopieren; eine Ebene wählen oder etwas darauf auswählen.</translation>
        </message>
        <message>
            <source>This system gives no way to draw with the graphics card; the processor draws on.</source>
            <translation>Dieses System bietet keinen Weg, mit der Grafikkarte zu zeichnen; weiter zeichnet der Prozessor.</translation>
        </message>
        <message>
            <source>With the layer</source>
            <translation>Mit der Ebene</translation>
        </message>
        <message>
            <source>Without the layer</source>
            <translation>Ohne die Ebene</translation>
        </message>
    </context>
    <context>
        <name>StartCard</name>
        <message>
            <source>Draw “{0}”</source>
            <translation>„{0}“ zeichnen</translation>
        </message>
        <message>
            <source>Make your first picture</source>
            <translation>Das erste Bild</translation>
        </message>
        <message>
            <source>No model is here yet</source>
            <translation>Noch ist kein Modell da</translation>
        </message>
        <message>
            <source>One click draws it here, on this computer. Then change the words on the right and press Ctrl+Enter.</source>
            <translation>Ein Klick zeichnet es hier, auf diesem Rechner. Danach rechts die Worte ändern und Strg+Eingabe drücken.</translation>
        </message>
        <message>
            <source>Open a project or picture</source>
            <translation>Projekt oder Bild öffnen</translation>
        </message>
        <message>
            <source>Open the models folder</source>
            <translation>Ordner der Modelle öffnen</translation>
        </message>
        <message>
            <source>Put the folder of a Stable Diffusion model into the studio's models folder; it is found at the next start.</source>
            <translation>Den Ordner eines Stable-Diffusion-Modells in den Modellordner des Studios legen; beim nächsten Start wird es gefunden.</translation>
        </message>
        <message>
            <source>Start</source>
            <translation>Start</translation>
        </message>
        <message>
            <source>or drop one here</source>
            <translation>oder eines hierher ziehen</translation>
        </message>
    </context>
    <context>
        <name>StatusLine</name>
        <message>
            <source>Cursor</source>
            <translation>Zeiger</translation>
        </message>
        <message>
            <source>Engine</source>
            <translation>Engine</translation>
        </message>
        <message>
            <source>Engine drawing</source>
            <translation>Engine zeichnet</translation>
        </message>
        <message>
            <source>Engine not started</source>
            <translation>Engine nicht gestartet</translation>
        </message>
        <message>
            <source>Engine ready</source>
            <translation>Engine bereit</translation>
        </message>
        <message>
            <source>Engine starting</source>
            <translation>Engine startet</translation>
        </message>
        <message>
            <source>Engine stopped; it starts again by itself</source>
            <translation>Engine angehalten; sie startet von selbst neu</translation>
        </message>
        <message>
            <source>Memory</source>
            <translation>Speicher</translation>
        </message>
        <message>
            <source>Queue</source>
            <translation>Warteschlange</translation>
        </message>
        <message>
            <source>Selection</source>
            <translation>Auswahl</translation>
        </message>
        <message>
            <source>State of the engine</source>
            <translation>Zustand der Engine</translation>
        </message>
        <message>
            <source>Zoom</source>
            <translation>Zoom</translation>
        </message>
        <message>
            <source>empty</source>
            <translation>leer</translation>
        </message>
        <message>
            <source>paused</source>
            <translation>angehalten</translation>
        </message>
        <message>
            <source>{0:.1f} GB</source>
            <translation>{0:.1f} GB</translation>
        </message>
        <message>
            <source>{0:.1f} of {1:.0f} GB</source>
            <translation>{0:.1f} von {1:.0f} GB</translation>
        </message>
        <message>
            <source>{0} running</source>
            <translation>{0} in Arbeit</translation>
        </message>
        <message>
            <source>{0} waiting</source>
            <translation>{0} wartend</translation>
        </message>
    </context>
    <context>
        <name>Strip</name>
        <message>
            <source>Gallery</source>
            <translation>Galerie</translation>
        </message>
    </context>
    <context>
        <name>TakeBar</name>
        <message>
            <source>Discard the take</source>
            <translation>Take verwerfen</translation>
        </message>
        <message>
            <source>Discard; it stays in the gallery  Backspace</source>
            <translation>Verwerfen; in der Galerie bleibt es  Rücktaste</translation>
        </message>
        <message>
            <source>Next take</source>
            <translation>Nächster Take</translation>
        </message>
        <message>
            <source>Next take  .</source>
            <translation>Nächster Take  .</translation>
        </message>
        <message>
            <source>Previous take</source>
            <translation>Voriger Take</translation>
        </message>
        <message>
            <source>Previous take  ,</source>
            <translation>Voriger Take  ,</translation>
        </message>
        <message>
            <source>Put on the timeline</source>
            <translation>Auf die Zeitleiste legen</translation>
        </message>
        <message>
            <source>Put on the timeline  Enter</source>
            <translation>Auf die Zeitleiste legen  Eingabe</translation>
        </message>
        <message>
            <source>Take {0} of {1}</source>
            <translation>Take {0} von {1}</translation>
        </message>
        <message>
            <source>Takes</source>
            <translation>Takes</translation>
        </message>
        <message>
            <source>The film</source>
            <translation>Der Film</translation>
        </message>
    </context>
    <context>
        <name>TakesPanel</name>
        <message>
            <source>Compare with the one in view</source>
            <translation>Mit dem gezeigten vergleichen</translation>
        </message>
        <message>
            <source>Discard</source>
            <translation>Verwerfen</translation>
        </message>
        <message>
            <source>Export…</source>
            <translation>Exportieren…</translation>
        </message>
        <message>
            <source>Find the tune in it</source>
            <translation>Melodie darin suchen</translation>
        </message>
        <message>
            <source>Keep</source>
            <translation>Behalten</translation>
        </message>
        <message>
            <source>Make it again</source>
            <translation>Noch einmal machen</translation>
        </message>
        <message>
            <source>Name of the take</source>
            <translation>Name des Takes</translation>
        </message>
        <message>
            <source>Put it on the film's timeline</source>
            <translation>Auf die Zeitleiste des Films legen</translation>
        </message>
        <message>
            <source>Rename</source>
            <translation>Umbenennen</translation>
        </message>
        <message>
            <source>Rename…</source>
            <translation>Umbenennen…</translation>
        </message>
        <message>
            <source>Sounds that you make, record or drop in are listed here; new ones wait beside the work until you keep them.</source>
            <translation>Gemachte, aufgenommene und hineingezogene Klänge stehen hier; neue warten neben der Arbeit, bis sie behalten werden.</translation>
        </message>
        <message>
            <source>Take</source>
            <translation>Take</translation>
        </message>
        <message>
            <source>Use its settings</source>
            <translation>Einstellungen verwenden</translation>
        </message>
    </context>
    <context>
        <name>Technique</name>
        <message>
            <source>0 = a hard edge; 1 shows the map itself, from nothing to its strongest.</source>
            <translation>0 = harte Kante; 1 zeigt die Karte selbst, von nichts bis zu ihrem Stärksten.</translation>
        </message>
        <message>
            <source>0 = a hard edge; higher lets the mask fade where the model is less sure.</source>
            <translation>0 = harte Kante; mehr lässt die Maske auslaufen, wo das Modell weniger sicher ist.</translation>
        </message>
        <message>
            <source>0 = the first, 1 = the other.</source>
            <translation>0 = der erste, 1 = der andere.</translation>
        </message>
        <message>
            <source>0 = your picture as it was learnt, 1 = the words alone; 0.7-1.1 is where edits happen.</source>
            <translation>0 = das Bild, wie es gelernt wurde, 1 = nur die Worte; Änderungen entstehen bei 0.7-1.1.</translation>
        </message>
        <message>
            <source>1 = nothing is drawn outside the shape, lower gives the thing room around it, 0 = only about there.</source>
            <translation>1 = außerhalb der Form wird nichts gezeichnet, weniger gibt dem Ding Luft, 0 = nur ungefähr dort.</translation>
        </message>
        <message>
            <source>A description of the picture, with the word in it.</source>
            <translation>Eine Beschreibung des Bildes mit dem Wort darin.</translation>
        </message>
        <message>
            <source>A folder of sound becomes a model of its own that plays in its style; some pieces are held out and tell whether it learns.</source>
            <translation>Aus einem Ordner mit Klang wird ein eigenes Modell, das in dessen Stil spielt; einige Stücke werden zurückgehalten und zeigen, ob es lernt.</translation>
        </message>
        <message>
            <source>A place changes if the new words pull at it at least so much, as a share of the strongest pull: more changes less, 0 lets everything change.</source>
            <translation>Ein Ort ändert sich, wenn die neuen Worte mindestens so stark an ihm ziehen, als Anteil des stärksten Zugs: mehr ändert weniger, 0 lässt alles zu.</translation>
        </message>
        <message>
            <source>A recording goes on beyond its end, or gets a beginning, in its own beat and under your words.</source>
            <translation>Eine Aufnahme geht über ihr Ende hinaus weiter oder bekommt einen Anfang, im eigenen Takt und nach den Worten.</translation>
        </message>
        <message>
            <source>A second model is taught to draw in one to eight steps what this one draws in many (guided and progressive distillation, Meng et al. 2022, Salimans and Ho 2022). It is offered beside this one when it is done; the sheet shows what it can do.</source>
            <translation>Ein zweites Modell lernt, in ein bis acht Schritten zu zeichnen, was dieses in vielen zeichnet (geführte und progressive Destillation, Meng et al. 2022, Salimans und Ho 2022). Danach steht es neben diesem zur Wahl; der Probebogen zeigt, was es kann.</translation>
        </message>
        <message>
            <source>A second seed to wander towards.</source>
            <translation>Ein zweiter Seed, zu dem hin gewandert wird.</translation>
        </message>
        <message>
            <source>A sound by its spectrogram alone: what the model hears of it, sounded again with phases found anew.</source>
            <translation>Ein Klang nur aus seinem Spektrogramm: was das Modell davon hört, mit neu gefundenen Phasen wieder hörbar gemacht.</translation>
        </message>
        <message>
            <source>Adapters</source>
            <translation>Adapter</translation>
        </message>
        <message>
            <source>At which end it is added.</source>
            <translation>An welchem Ende es hinzukommt.</translation>
        </message>
        <message>
            <source>Batch</source>
            <translation>Batch</translation>
        </message>
        <message>
            <source>Begin at noise</source>
            <translation>Beginn beim Rauschen</translation>
        </message>
        <message>
            <source>Begins as the first sound and ends as the other; the share is not used then.</source>
            <translation>Beginnt als der erste Klang und endet als der andere; der Anteil zählt dann nicht.</translation>
        </message>
        <message>
            <source>Blend two sounds</source>
            <translation>Zwei Klänge mischen</translation>
        </message>
        <message>
            <source>Bottom</source>
            <translation>Unten</translation>
        </message>
        <message>
            <source>By so many semitones; 12 is an octave. A tune that lies outside of what the model plays is moved by octaves anyway.</source>
            <translation>Um so viele Halbtöne; 12 sind eine Oktave. Eine Melodie außerhalb dessen, was das Modell spielt, wird ohnehin um Oktaven verschoben.</translation>
        </message>
        <message>
            <source>Change</source>
            <translation>Änderung</translation>
        </message>
        <message>
            <source>Changes a picture as you say: colours, things, places, backgrounds, styles.</source>
            <translation>Ändert ein Bild nach Anweisung: Farben, Dinge, Orte, Hintergründe, Stile.</translation>
        </message>
        <message>
            <source>Classifier-free guidance scale: 1 = off, higher follows the words more closely and varies less. Empty = the model's own.</source>
            <translation>Classifier-Free Guidance: 1 = aus, mehr folgt den Worten genauer und variiert weniger. Leer = wie das Modell es vorgibt.</translation>
        </message>
        <message>
            <source>Clean up</source>
            <translation>Säubern</translation>
        </message>
        <message>
            <source>Clip</source>
            <translation>Clip</translation>
        </message>
        <message>
            <source>Clips of eight frames in which one of 36 things moves, turns, bounces, grows, shrinks or fades in, as the words say; moves pictures of your own.</source>
            <translation>Clips aus acht Bildern, in denen eines von 36 Dingen sich bewegt, dreht, springt, wächst, schrumpft oder erscheint, wie die Worte es sagen; bewegt auch eigene Bilder.</translation>
        </message>
        <message>
            <source>Content</source>
            <translation>Inhalt</translation>
        </message>
        <message>
            <source>Denoising strength: 0.2 touches up, 0.6 keeps the layout, 1 keeps nothing.</source>
            <translation>Denoising-Stärke: 0.2 bessert aus, 0.6 behält den Aufbau, 1 behält nichts.</translation>
        </message>
        <message>
            <source>Denoising strength: 0.2 touches up, 0.6 keeps the layout, 1 keeps nothing. Models that follow instructions do without it.</source>
            <translation>Denoising-Stärke: 0.2 bessert aus, 0.6 behält den Aufbau, 1 behält nichts. Modelle, die Anweisungen folgen, kommen ohne aus.</translation>
        </message>
        <message>
            <source>Denoising strength: 0.4 touches up, 0.75 changes the instrument and keeps most of the notes, 1 keeps nothing.</source>
            <translation>Denoising-Stärke: 0.4 bessert aus, 0.75 wechselt das Instrument und behält die meisten Noten, 1 behält nichts.</translation>
        </message>
        <message>
            <source>Denoising strength: 1 draws something new, 0.6 keeps the layout of what is masked, 0.2 touches it up.</source>
            <translation>Denoising-Stärke: 1 zeichnet etwas Neues, 0.6 behält den Aufbau des Maskierten, 0.2 bessert es aus.</translation>
        </message>
        <message>
            <source>Denoising strength: how much noise your picture gets before it is drawn again. 1 keeps only what was learnt.</source>
            <translation>Denoising-Stärke: wie viel Rauschen das Bild bekommt, bevor es neu gezeichnet wird. 1 behält nur das Gelernte.</translation>
        </message>
        <message>
            <source>Draws one or two of 36 things in colours, places, sizes, backgrounds and three drawing styles, as the words say.</source>
            <translation>Zeichnet ein oder zwei von 36 Dingen in Farben, Orten, Größen, Hintergründen und drei Zeichenstilen, wie die Worte es sagen.</translation>
        </message>
        <message>
            <source>Draws what lies between two frames: twice or four times as many frames a second.</source>
            <translation>Zeichnet, was zwischen zwei Bildern liegt: zwei- oder viermal so viele Bilder pro Sekunde.</translation>
        </message>
        <message>
            <source>Edit a clip</source>
            <translation>Clip ändern</translation>
        </message>
        <message>
            <source>Edit a sound</source>
            <translation>Klang ändern</translation>
        </message>
        <message>
            <source>Edit by instruction</source>
            <translation>Nach Anweisung ändern</translation>
        </message>
        <message>
            <source>Edit by two descriptions</source>
            <translation>Mit zwei Beschreibungen ändern</translation>
        </message>
        <message>
            <source>Edit by words</source>
            <translation>Mit Worten ändern</translation>
        </message>
        <message>
            <source>Every frame is changed under new words, or as an instruction says, and all together stay one clip (SDEdit, Meng et al. 2022; Prompt-to-Prompt, Hertz et al. 2022; InstructPix2Pix, Brooks et al. 2022; cross-frame attention, Khachatryan et al. 2023).</source>
            <translation>Jedes Bild wird unter neuen Worten oder nach einer Anweisung geändert, und alle zusammen bleiben ein Clip (SDEdit, Meng et al. 2022; Prompt-to-Prompt, Hertz et al. 2022; InstructPix2Pix, Brooks et al. 2022; Cross-Frame Attention, Khachatryan et al. 2023).</translation>
        </message>
        <message>
            <source>Extend a sound</source>
            <translation>Klang verlängern</translation>
        </message>
        <message>
            <source>Extend the picture</source>
            <translation>Bild erweitern (Outpainting)</translation>
        </message>
        <message>
            <source>Factor</source>
            <translation>Faktor</translation>
        </message>
        <message>
            <source>Fewest steps</source>
            <translation>Wenigste Schritte</translation>
        </message>
        <message>
            <source>Fill the mask</source>
            <translation>Maske füllen (Inpainting)</translation>
        </message>
        <message>
            <source>Final height</source>
            <translation>Endhöhe</translation>
        </message>
        <message>
            <source>Final width</source>
            <translation>Endbreite</translation>
        </message>
        <message>
            <source>Finds the noise your picture comes from and shows what comes back, with its error; later edits use it again (DDIM, null-text and edit-friendly DDPM inversion).</source>
            <translation>Findet das Rauschen, aus dem das Bild entsteht, und zeigt, was davon zurückkommt, samt Fehler; spätere Änderungen verwenden es wieder (DDIM, Null-Text und Edit-Friendly-DDPM-Inversion).</translation>
        </message>
        <message>
            <source>First frame</source>
            <translation>Erstes Bild</translation>
        </message>
        <message>
            <source>Folder</source>
            <translation>Ordner</translation>
        </message>
        <message>
            <source>Follow the shape</source>
            <translation>Der Form folgen</translation>
        </message>
        <message>
            <source>Follow the words</source>
            <translation>Den Worten folgen</translation>
        </message>
        <message>
            <source>For models that follow instructions: 1 = off, higher stays closer to your clip.</source>
            <translation>Für Modelle, die Anweisungen folgen: 1 = aus, mehr bleibt näher am Clip.</translation>
        </message>
        <message>
            <source>For the faithful inversion: at most so many descents per step. More comes closer and takes longer.</source>
            <translation>Für die getreue Inversion: höchstens so viele Abstiege je Schritt. Mehr kommt näher heran und dauert länger.</translation>
        </message>
        <message>
            <source>Frames</source>
            <translation>Bilder</translation>
        </message>
        <message>
            <source>Frames per second</source>
            <translation>Bilder pro Sekunde</translation>
        </message>
        <message>
            <source>Frames that a part shares with the one before: more goes on more smoothly and takes longer. Without effect where a model moves a picture.</source>
            <translation>Bilder, die ein Teil mit dem davor gemeinsam hat: Mehr geht weicher weiter und dauert länger. Ohne Wirkung, wo ein Modell ein Bild bewegt.</translation>
        </message>
        <message>
            <source>From</source>
            <translation>Von</translation>
        </message>
        <message>
            <source>Give the mask that the model finds instead of the edit, to look at, to correct by brush and to use.</source>
            <translation>Statt der Änderung die gefundene Maske liefern, zum Ansehen, Verbessern und Verwenden.</translation>
        </message>
        <message>
            <source>Go on with a clip</source>
            <translation>Clip fortsetzen</translation>
        </message>
        <message>
            <source>Guidance rescale</source>
            <translation>Guidance Rescale</translation>
        </message>
        <message>
            <source>Guide between</source>
            <translation>Guidance zwischen</translation>
        </message>
        <message>
            <source>Height</source>
            <translation>Höhe</translation>
        </message>
        <message>
            <source>How a step is taken. dpm++2m is accurate in 15-30 steps, euler_ancestral adds noise and varies more, lcm is for distilled models. Empty = the model's own.</source>
            <translation>Wie ein Schritt gerechnet wird. dpm++2m ist in 15-30 Schritten genau, euler_ancestral fügt Rauschen hinzu und variiert mehr, lcm ist für destillierte Modelle. Leer = wie das Modell es vorgibt.</translation>
        </message>
        <message>
            <source>How far a learning step goes: 1e-4 is careful, 5e-4 quick.</source>
            <translation>Wie weit ein Lernschritt geht: 1e-4 ist vorsichtig, 5e-4 schnell.</translation>
        </message>
        <message>
            <source>How far to go from the seed's noise to the variation seed's, along the sphere: 0 = the same picture, 0.1-0.3 = a sibling, 1 = another.</source>
            <translation>Wie weit vom Rauschen des Seeds zu dem des Variations-Seeds, entlang der Kugel: 0 = dasselbe Bild, 0.1-0.3 = ein Geschwister, 1 = ein anderes.</translation>
        </message>
        <message>
            <source>How far to go from the seed's noise to the variation seed's: 0 = the same piece, 0.1-0.3 = a sibling, 1 = another.</source>
            <translation>Wie weit vom Rauschen des Seeds zu dem des Variations-Seeds: 0 = dasselbe Stück, 0.1-0.3 = ein Geschwister, 1 = ein anderes.</translation>
        </message>
        <message>
            <source>How far your picture is turned into noise before it is drawn anew (the paper's encoding ratio): lower keeps more of what is in the mask.</source>
            <translation>Wie weit das Bild zu Rauschen wird, bevor es neu gezeichnet wird (Encoding Ratio des Papers): weniger behält mehr von dem, was in der Maske liegt.</translation>
        </message>
        <message>
            <source>How fast the clip plays; it changes no picture. Empty = the model's own.</source>
            <translation>Wie schnell der Clip läuft; das ändert kein Bild. Leer = wie das Modell es vorgibt.</translation>
        </message>
        <message>
            <source>How many times as many frames a second.</source>
            <translation>Wievielmal so viele Bilder pro Sekunde.</translation>
        </message>
        <message>
            <source>How many times as wide and as high.</source>
            <translation>Wievielmal so breit und so hoch.</translation>
        </message>
        <message>
            <source>How many to add. Empty = as many as the model draws at once.</source>
            <translation>Wie viele hinzukommen. Leer = so viele, wie das Modell auf einmal zeichnet.</translation>
        </message>
        <message>
            <source>How much around the mask the model sees, as a share of the mask's longer side: less draws finer, more fits in better.</source>
            <translation>Wie viel um die Maske herum das Modell sieht, als Anteil ihrer längeren Seite: weniger zeichnet feiner, mehr fügt sich besser ein.</translation>
        </message>
        <message>
            <source>How much around the shape the model sees, as a share of the shape's longer side: less makes the thing larger in its shape.</source>
            <translation>Wie viel um die Form herum das Modell sieht, als Anteil ihrer längeren Seite: weniger macht das Ding in seiner Form größer.</translation>
        </message>
        <message>
            <source>How much is added.</source>
            <translation>Wie viel hinzukommt.</translation>
        </message>
        <message>
            <source>How much may change</source>
            <translation>Erlaubte Abweichung</translation>
        </message>
        <message>
            <source>How much noise both are taken back to: more is one piece of music, less is both at once.</source>
            <translation>Wie weit beide ins Rauschen zurückgehen: mehr ist ein einziges Stück, weniger sind beide zugleich.</translation>
        </message>
        <message>
            <source>How much of each mixing step is the new content (the paper's nu): 0 stays with the layout, 1 is new content alone.</source>
            <translation>Wie viel jedes Mischschritts neuer Inhalt ist (nu des Papers): 0 bleibt beim Aufbau, 1 ist nur neuer Inhalt.</translation>
        </message>
        <message>
            <source>How much of your picture the model sees, as a share of the longer side of what is added: less draws finer, more fits in better.</source>
            <translation>Wie viel vom Bild das Modell sieht, als Anteil der längeren Seite des Hinzugefügten: weniger zeichnet feiner, mehr fügt sich besser ein.</translation>
        </message>
        <message>
            <source>How much the two descriptions must differ at a place, 1 = as much as anywhere: lower masks more.</source>
            <translation>Wie sehr sich die zwei Beschreibungen an einer Stelle unterscheiden müssen, 1 = so sehr wie irgendwo: weniger maskiert mehr.</translation>
        </message>
        <message>
            <source>How much to add above.</source>
            <translation>Wie viel oben hinzukommt.</translation>
        </message>
        <message>
            <source>How much to add below.</source>
            <translation>Wie viel unten hinzukommt.</translation>
        </message>
        <message>
            <source>How much to add on the left.</source>
            <translation>Wie viel links hinzukommt.</translation>
        </message>
        <message>
            <source>How much to add on the right.</source>
            <translation>Wie viel rechts hinzukommt.</translation>
        </message>
        <message>
            <source>How often the model looks for the mask, each time through other noise: more is steadier and slower.</source>
            <translation>Wie oft das Modell nach der Maske sucht, jedes Mal durch anderes Rauschen: mehr ist stabiler und langsamer.</translation>
        </message>
        <message>
            <source>How sure the model must be: lower takes in more, higher less.</source>
            <translation>Wie sicher das Modell sein muss: weniger nimmt mehr auf, mehr weniger.</translation>
        </message>
        <message>
            <source>How the noise levels are spaced. Empty = the model's own.</source>
            <translation>Wie die Rauschstufen verteilt sind. Leer = wie das Modell es vorgibt.</translation>
        </message>
        <message>
            <source>How the picture becomes noise: fast takes a second or two, faithful optimises the empty words step by step (null-text), exact comes back without any loss but leaves less freedom for a change.</source>
            <translation>Wie aus dem Bild Rauschen wird: schnell braucht ein bis zwei Sekunden, getreu optimiert die leeren Worte Schritt für Schritt (Null-Text), exakt kommt ohne jeden Verlust zurück, lässt aber weniger Freiheit zum Ändern.</translation>
        </message>
        <message>
            <source>Hum, whistle or play a tune, and get it arranged in the style of your words.</source>
            <translation>Eine Melodie summen, pfeifen oder spielen und sie im Stil der Worte arrangiert bekommen.</translation>
        </message>
        <message>
            <source>Image guidance scale: 1 = off, higher stays closer to your picture. Lower it, or follow the words more, when too little changes.</source>
            <translation>Image Guidance: 1 = aus, mehr bleibt näher am Bild. Ändert sich zu wenig: senken, oder den Worten mehr folgen.</translation>
        </message>
        <message>
            <source>In pixels. Empty = the model's own.</source>
            <translation>In Pixeln. Leer = wie das Modell es vorgibt.</translation>
        </message>
        <message>
            <source>Instruction</source>
            <translation>Anweisung</translation>
        </message>
        <message>
            <source>Instrument, mood, genre, key and tempo: slow sad piano with bass in A minor, 70 bpm.</source>
            <translation>Instrument, Stimmung, Genre, Tonart und Tempo: slow sad piano with bass in A minor, 70 bpm.</translation>
        </message>
        <message>
            <source>Inversion</source>
            <translation>Inversion</translation>
        </message>
        <message>
            <source>Invert</source>
            <translation>Invertieren</translation>
        </message>
        <message>
            <source>Iterations</source>
            <translation>Iterationen</translation>
        </message>
        <message>
            <source>Keep the clip</source>
            <translation>Den Clip behalten</translation>
        </message>
        <message>
            <source>Keep the layout</source>
            <translation>Aufbau behalten</translation>
        </message>
        <message>
            <source>Keep the picture</source>
            <translation>Das Bild behalten</translation>
        </message>
        <message>
            <source>Keep the shapes</source>
            <translation>Formen behalten</translation>
        </message>
        <message>
            <source>Keep your pixels</source>
            <translation>Eigene Pixel behalten</translation>
        </message>
        <message>
            <source>Last frame</source>
            <translation>Letztes Bild</translation>
        </message>
        <message>
            <source>Layout</source>
            <translation>Aufbau</translation>
        </message>
        <message>
            <source>Learn a genre</source>
            <translation>Ein Genre lernen</translation>
        </message>
        <message>
            <source>Learn and edit (Imagic)</source>
            <translation>Lernen und ändern (Imagic)</translation>
        </message>
        <message>
            <source>Learn and edit (UniTune)</source>
            <translation>Lernen und ändern (UniTune)</translation>
        </message>
        <message>
            <source>Learning</source>
            <translation>Lernen</translation>
        </message>
        <message>
            <source>Learning rate</source>
            <translation>Lernrate</translation>
        </message>
        <message>
            <source>Learning steps</source>
            <translation>Lernschritte</translation>
        </message>
        <message>
            <source>Left</source>
            <translation>Links</translation>
        </message>
        <message>
            <source>Length</source>
            <translation>Länge</translation>
        </message>
        <message>
            <source>Length of the clip. Empty = what the model draws at once.</source>
            <translation>Länge des Clips. Leer = was das Modell auf einmal zeichnet.</translation>
        </message>
        <message>
            <source>Length of the piece that the new model plays in the end, in your words.</source>
            <translation>Länge des Stücks, das das neue Modell am Ende nach den Worten spielt.</translation>
        </message>
        <message>
            <source>LoRA files laid over the model for this request, each with a strength: 1 = as it was made, 0.5 = half of it. Put the files among your models. On the command line: NAME or NAME:STRENGTH.</source>
            <translation>LoRA-Dateien, die für diesen Auftrag über das Modell gelegt werden, jede mit einer Stärke: 1 = wie gemacht, 0.5 = halb so stark. Die Dateien zu den Modellen legen. In der Befehlszeile: NAME oder NAME:STÄRKE.</translation>
        </message>
        <message>
            <source>Look back</source>
            <translation>Rückblick</translation>
        </message>
        <message>
            <source>Looks</source>
            <translation>Blicke</translation>
        </message>
        <message>
            <source>Loop</source>
            <translation>Schleife</translation>
        </message>
        <message>
            <source>Loudness</source>
            <translation>Lautheit</translation>
        </message>
        <message>
            <source>Make a fast version</source>
            <translation>Schnelle Version machen</translation>
        </message>
        <message>
            <source>Makes pictures two or four times as large, with crisp edges; any size, in tiles.</source>
            <translation>Macht Bilder zwei- oder viermal so groß, mit scharfen Kanten; jede Größe, in Kacheln.</translation>
        </message>
        <message>
            <source>Mask</source>
            <translation>Maske</translation>
        </message>
        <message>
            <source>Mask by words</source>
            <translation>Mit Worten maskieren</translation>
        </message>
        <message>
            <source>Masks</source>
            <translation>Masken</translation>
        </message>
        <message>
            <source>Masks what you name: a thing, a thing at a place, the background.</source>
            <translation>Maskiert, was genannt wird: ein Ding, ein Ding an einem Ort, den Hintergrund.</translation>
        </message>
        <message>
            <source>Melody to music</source>
            <translation>Melodie zu Musik</translation>
        </message>
        <message>
            <source>Method</source>
            <translation>Verfahren</translation>
        </message>
        <message>
            <source>Minutes of training; sample sheets come on top. More agrees better with the model. What was stopped goes on where it was.</source>
            <translation>Minuten des Trainings; Probebögen kommen dazu. Mehr stimmt besser mit dem Modell überein. Gestopptes geht weiter, wo es war.</translation>
        </message>
        <message>
            <source>Mix two things</source>
            <translation>Zwei Dinge mischen</translation>
        </message>
        <message>
            <source>Mix until</source>
            <translation>Mischen bis</translation>
        </message>
        <message>
            <source>More finds the whole of what changes, less keeps to what is there.</source>
            <translation>Mehr findet alles, was sich ändert, weniger bleibt bei dem, was da ist.</translation>
        </message>
        <message>
            <source>More frames</source>
            <translation>Mehr Bilder</translation>
        </message>
        <message>
            <source>More is nearer to the sounds and further from what the model knew; that which does best on the held-out pieces is kept.</source>
            <translation>Mehr ist näher an den Klängen und weiter weg von dem, was das Modell konnte; behalten wird, was bei den zurückgehaltenen Stücken am besten abschneidet.</translation>
        </message>
        <message>
            <source>Name</source>
            <translation>Name</translation>
        </message>
        <message>
            <source>Name a thing and get its mask (CLIPSeg, Lüddecke and Ecker 2022).</source>
            <translation>Ein Ding nennen und seine Maske bekommen (CLIPSeg, Lüddecke und Ecker 2022).</translation>
        </message>
        <message>
            <source>Names the tempo, key, instrument, band and genre of a piece of the music world. For scoring only.</source>
            <translation>Nennt Tempo, Tonart, Instrument, Besetzung und Genre eines Stücks der Musikwelt. Nur zum Bewerten.</translation>
        </message>
        <message>
            <source>Names the things, colours and places in a picture of the pocket world. For scoring only.</source>
            <translation>Nennt Dinge, Farben und Orte in einem Bild der Pocket-Welt. Nur zum Bewerten.</translation>
        </message>
        <message>
            <source>New content</source>
            <translation>Neuer Inhalt</translation>
        </message>
        <message>
            <source>Noise is added to your picture and taken away again under new words (SDEdit, Meng et al. 2022).</source>
            <translation>Das Bild wird verrauscht und unter neuen Worten wieder entrauscht (SDEdit, Meng et al. 2022).</translation>
        </message>
        <message>
            <source>Noise laid over the picture before it is redrawn (conditioning augmentation): 0 trusts every pixel, 0.1-0.3 removes grain, compression and small faults of a drawing model.</source>
            <translation>Rauschen, das vor dem Neuzeichnen über das Bild gelegt wird (Conditioning Augmentation): 0 traut jedem Pixel, 0.1-0.3 entfernt Korn, Kompression und kleine Fehler eines Modells.</translation>
        </message>
        <message>
            <source>Noise levels</source>
            <translation>Rauschstufen</translation>
        </message>
        <message>
            <source>Noise to look through</source>
            <translation>Rauschen beim Suchen</translation>
        </message>
        <message>
            <source>Noises per learning step: more learns more evenly and takes longer.</source>
            <translation>Rauschproben je Lernschritt: mehr lernt gleichmäßiger und dauert länger.</translation>
        </message>
        <message>
            <source>Notes</source>
            <translation>Noten</translation>
        </message>
        <message>
            <source>Of Griffin-Lim alone; more is slower and a little better.</source>
            <translation>Nur bei Griffin-Lim; mehr ist langsamer und etwas besser.</translation>
        </message>
        <message>
            <source>Of sound files (flac, wav, mp3, ogg ...), with those in the folders below it. A text file of the same name beside one says in words what it is; else the words above hold for all.</source>
            <translation>Mit Klangdateien (flac, wav, mp3, ogg ...), samt denen in den Unterordnern. Eine Textdatei gleichen Namens daneben sagt in Worten, was es ist; sonst gelten die Worte oben für alle.</translation>
        </message>
        <message>
            <source>Of the new model, as it will stand in the list of models.</source>
            <translation>Des neuen Modells, wie er in der Liste der Modelle steht.</translation>
        </message>
        <message>
            <source>Of the new model. Empty = this one's with “fast”.</source>
            <translation>Des neuen Modells. Leer = der von diesem mit „fast“.</translation>
        </message>
        <message>
            <source>Of the piece; longer pieces are drawn in windows that overlap.</source>
            <translation>Des Stücks; längere Stücke werden in überlappenden Fenstern gezeichnet.</translation>
        </message>
        <message>
            <source>Of the result, in LUFS.</source>
            <translation>Des Ergebnisses, in LUFS.</translation>
        </message>
        <message>
            <source>Of the result, in LUFS; -14 is what streaming services play, -23 broadcasting. Empty = as the model made it.</source>
            <translation>Des Ergebnisses, in LUFS; -14 spielen Streamingdienste, -23 der Rundfunk. Leer = wie das Modell es macht.</translation>
        </message>
        <message>
            <source>One description a line, of the kind that you will ask for. Empty = the model's own, or everyday things.</source>
            <translation>Eine Beschreibung je Zeile, von der Art, die später gewünscht wird. Leer = die des Modells oder alltägliche Dinge.</translation>
        </message>
        <message>
            <source>One voice: hummed, whistled or played, note by note.</source>
            <translation>Eine Stimme: gesummt, gepfiffen oder gespielt, Note für Note.</translation>
        </message>
        <message>
            <source>Only find the mask</source>
            <translation>Nur die Maske suchen</translation>
        </message>
        <message>
            <source>Only from here on. Empty = the beginning.</source>
            <translation>Erst ab hier. Leer = der Anfang.</translation>
        </message>
        <message>
            <source>Only the place of the change</source>
            <translation>Nur der Ort der Änderung</translation>
        </message>
        <message>
            <source>Only up to here. Empty = the end.</source>
            <translation>Nur bis hier. Leer = das Ende.</translation>
        </message>
        <message>
            <source>Optimisation</source>
            <translation>Optimierung</translation>
        </message>
        <message>
            <source>Other sound</source>
            <translation>Anderer Klang</translation>
        </message>
        <message>
            <source>Paint a shape and say what it is: the thing fills it, exactly or loosely (after SmartBrush, Xie et al. 2022).</source>
            <translation>Eine Form malen und sagen, was sie ist: Das Ding füllt sie, genau oder locker (nach SmartBrush, Xie et al. 2022).</translation>
        </message>
        <message>
            <source>Paint a thing</source>
            <translation>Ein Ding malen</translation>
        </message>
        <message>
            <source>Paint where things are and say what they are; the picture follows (paint-with-words, eDiff-I, Balaji et al. 2022).</source>
            <translation>Malen, wo die Dinge sind, und sagen, was sie sind; das Bild folgt (Paint-with-Words, eDiff-I, Balaji et al. 2022).</translation>
        </message>
        <message>
            <source>Paint with words</source>
            <translation>Mit Worten malen</translation>
        </message>
        <message>
            <source>Painted regions, each with its words and a strength (1 = usual, 0 = off); words that the prompt lacks are added to it. On the command line: [{"mask": "sun.png", "words": "a sun", "strength": 1}, ...].</source>
            <translation>Gemalte Regionen, jede mit Worten und einer Stärke (1 = üblich, 0 = aus); Worte, die dem Prompt fehlen, kommen hinzu. In der Befehlszeile: [{"mask": "sun.png", "words": "a sun", "strength": 1}, ...].</translation>
        </message>
        <message>
            <source>Picture</source>
            <translation>Bild</translation>
        </message>
        <message>
            <source>Picture to clip</source>
            <translation>Bild zu Clip</translation>
        </message>
        <message>
            <source>Picture to picture</source>
            <translation>Bild zu Bild</translation>
        </message>
        <message>
            <source>Picture to sound</source>
            <translation>Bild zu Klang</translation>
        </message>
        <message>
            <source>Pictures per training step. Empty = by the size of the pictures.</source>
            <translation>Bilder je Trainingsschritt. Leer = nach der Größe der Bilder.</translation>
        </message>
        <message>
            <source>Plays ten instruments with bass and drums in six genres, at the tempo, in the key and in the mood that you say; follows a tune.</source>
            <translation>Spielt zehn Instrumente mit Bass und Schlagzeug in sechs Genres, im gesagten Tempo, in der gesagten Tonart und Stimmung; folgt einer Melodie.</translation>
        </message>
        <message>
            <source>Pocket between</source>
            <translation>Pocket between</translation>
        </message>
        <message>
            <source>Pocket ear</source>
            <translation>Pocket ear</translation>
        </message>
        <message>
            <source>Pocket fast</source>
            <translation>Pocket fast</translation>
        </message>
        <message>
            <source>Pocket image</source>
            <translation>Pocket image</translation>
        </message>
        <message>
            <source>Pocket image in one to eight steps, with the guidance scale as an input: for pictures that follow the hand.</source>
            <translation>Pocket image in ein bis acht Schritten, mit dem Guidance-Wert als Eingabe: für Bilder, die der Hand folgen.</translation>
        </message>
        <message>
            <source>Pocket instruct</source>
            <translation>Pocket instruct</translation>
        </message>
        <message>
            <source>Pocket judge</source>
            <translation>Pocket judge</translation>
        </message>
        <message>
            <source>Pocket mask</source>
            <translation>Pocket mask</translation>
        </message>
        <message>
            <source>Pocket music</source>
            <translation>Pocket music</translation>
        </message>
        <message>
            <source>Pocket upscale</source>
            <translation>Pocket upscale</translation>
        </message>
        <message>
            <source>Pocket video</source>
            <translation>Pocket video</translation>
        </message>
        <message>
            <source>Pocket vocoder</source>
            <translation>Pocket vocoder</translation>
        </message>
        <message>
            <source>Pulls the contrast of a guided picture back to that of the unguided one (Lin et al. 2023); 0.7 is usual for zero-terminal-SNR models. Empty = the model's own.</source>
            <translation>Holt den Kontrast eines geführten Bildes zu dem des ungeführten zurück (Lin et al. 2023); 0.7 ist üblich für Modelle mit Zero Terminal SNR. Leer = wie das Modell es vorgibt.</translation>
        </message>
        <message>
            <source>Region</source>
            <translation>Region</translation>
        </message>
        <message>
            <source>Regions</source>
            <translation>Regionen</translation>
        </message>
        <message>
            <source>Right</source>
            <translation>Rechts</translation>
        </message>
        <message>
            <source>Sample</source>
            <translation>Hörprobe</translation>
        </message>
        <message>
            <source>Sampling steps: more is crisper and slower; 1 is the smooth average. Empty = the model's own.</source>
            <translation>Schritte beim Entrauschen: mehr ist schärfer und langsamer; 1 ist der glatte Mittelwert. Leer = wie das Modell es vorgibt.</translation>
        </message>
        <message>
            <source>Sampling steps: more is finer and slower. Empty = the model's own.</source>
            <translation>Schritte beim Entrauschen: mehr ist feiner und langsamer. Leer = wie das Modell es vorgibt.</translation>
        </message>
        <message>
            <source>Say what is there and what should be there: the model finds the mask itself, and changes what is in it (DiffEdit, Couairon et al. 2022).</source>
            <translation>Sagen, was da ist und was da sein soll: Das Modell findet die Maske selbst und ändert, was darin liegt (DiffEdit, Couairon et al. 2022).</translation>
        </message>
        <message>
            <source>Say what to change; the rest of your picture stays (InstructPix2Pix, Brooks et al. 2022).</source>
            <translation>Sagen, was sich ändern soll; der Rest des Bildes bleibt (InstructPix2Pix, Brooks et al. 2022).</translation>
        </message>
        <message>
            <source>Say what your picture shows, then say it differently: only what the words change changes (Prompt-to-Prompt, Hertz et al. 2022).</source>
            <translation>Sagen, was das Bild zeigt, dann anders sagen: Nur was die Worte ändern, ändert sich (Prompt-to-Prompt, Hertz et al. 2022).</translation>
        </message>
        <message>
            <source>Seam</source>
            <translation>Saum</translation>
        </message>
        <message>
            <source>Shape</source>
            <translation>Form</translation>
        </message>
        <message>
            <source>Share of the other</source>
            <translation>Anteil des anderen</translation>
        </message>
        <message>
            <source>Share of the strongest place from which on a place belongs to the word: lower takes in more.</source>
            <translation>Anteil der stärksten Stelle, von dem an eine Stelle zum Wort gehört: weniger nimmt mehr auf.</translation>
        </message>
        <message>
            <source>Shows what one word of a description means in the picture, as a mask (attention map).</source>
            <translation>Zeigt als Maske, was ein Wort der Beschreibung im Bild bedeutet (Attention Map).</translation>
        </message>
        <message>
            <source>Side of the pieces that the picture is drawn in; smaller needs less memory.</source>
            <translation>Seite der Teile, in denen das Bild gezeichnet wird; kleiner braucht weniger Speicher.</translation>
        </message>
        <message>
            <source>Size of a learning step. Lower it, and take more steps, for large models.</source>
            <translation>Größe eines Lernschritts. Für große Modelle senken und mehr Schritte nehmen.</translation>
        </message>
        <message>
            <source>Size of a training step. Empty = by the size of the network.</source>
            <translation>Größe eines Trainingsschritts. Leer = nach der Größe des Netzes.</translation>
        </message>
        <message>
            <source>Soft edge</source>
            <translation>Weiche Kante</translation>
        </message>
        <message>
            <source>Solver</source>
            <translation>Solver</translation>
        </message>
        <message>
            <source>Sound</source>
            <translation>Klang</translation>
        </message>
        <message>
            <source>Sound from picture by</source>
            <translation>Klang aus dem Bild mit</translation>
        </message>
        <message>
            <source>Sounds note spectrograms: a small DiffWave, and a sharpener for what lies between their bands.</source>
            <translation>Macht Noten-Spektrogramme hörbar: ein kleines DiffWave und ein Schärfer für das, was zwischen ihren Bändern liegt.</translation>
        </message>
        <message>
            <source>Start from</source>
            <translation>Ausgehen von</translation>
        </message>
        <message>
            <source>Steps</source>
            <translation>Schritte</translation>
        </message>
        <message>
            <source>Steps in which the network learns your picture: more keeps it better and follows the words less. What was learnt is kept for further edits.</source>
            <translation>Schritte, in denen das Netz das Bild lernt: mehr behält es besser und folgt den Worten weniger. Gelerntes bleibt für weitere Änderungen.</translation>
        </message>
        <message>
            <source>Steps in which words for your picture are found, starting from what you want.</source>
            <translation>Schritte, in denen Worte für das Bild gesucht werden, ausgehend vom Gewünschten.</translation>
        </message>
        <message>
            <source>Steps of the teacher</source>
            <translation>Schritte des Lehrers</translation>
        </message>
        <message>
            <source>Surroundings</source>
            <translation>Umgebung</translation>
        </message>
        <message>
            <source>Text to clip</source>
            <translation>Text zu Clip</translation>
        </message>
        <message>
            <source>Text to music</source>
            <translation>Text zu Musik</translation>
        </message>
        <message>
            <source>Text to picture</source>
            <translation>Text zu Bild</translation>
        </message>
        <message>
            <source>The clip comes back to its first frame, so that it can be played round and round.</source>
            <translation>Der Clip kommt zu seinem ersten Bild zurück und kann rundherum laufen.</translation>
        </message>
        <message>
            <source>The clip in words, for models of pictures: then only what the new words change changes, and where things are and how they move stays. Empty = every frame is drawn anew, as far as the strength goes.</source>
            <translation>Der Clip in Worten, für Bildmodelle: Dann ändert sich nur, was die neuen Worte ändern, und wo die Dinge sind und wie sie sich bewegen, bleibt. Leer = jedes Bild wird neu gezeichnet, so weit die Stärke reicht.</translation>
        </message>
        <message>
            <source>The clip to change.</source>
            <translation>Der Clip, der geändert wird.</translation>
        </message>
        <message>
            <source>The clip to enlarge.</source>
            <translation>Der Clip, der vergrößert wird.</translation>
        </message>
        <message>
            <source>The clip to go on with.</source>
            <translation>Der Clip, der fortgesetzt wird.</translation>
        </message>
        <message>
            <source>The clip to smooth.</source>
            <translation>Der Clip, der flüssiger wird.</translation>
        </message>
        <message>
            <source>The end leads back to the beginning without a joint; the length becomes that of whole phrases of four chords.</source>
            <translation>Das Ende führt ohne Naht zum Anfang zurück; die Länge wird zu ganzen Phrasen von vier Akkorden.</translation>
        </message>
        <message>
            <source>The end leads back to the beginning: there and back, or drawn in a ring at once, as the model does it.</source>
            <translation>Das Ende führt zum Anfang zurück: hin und her, oder im Ring auf einmal gezeichnet, wie das Modell es macht.</translation>
        </message>
        <message>
            <source>The layout of your picture with the content of your words: a corgi that is a coffee machine (MagicMix, Liew et al. 2022).</source>
            <translation>Der Aufbau des Bildes mit dem Inhalt der Worte: ein Corgi, der eine Kaffeemaschine ist (MagicMix, Liew et al. 2022).</translation>
        </message>
        <message>
            <source>The model learns your picture and words for it, then goes from there towards what you want; good for poses and shapes (Kawar et al. 2022).</source>
            <translation>Das Modell lernt das Bild und Worte dafür und geht von dort zum Gewünschten; gut für Haltungen und Formen (Kawar et al. 2022).</translation>
        </message>
        <message>
            <source>The model learns your picture under a rare name, then draws that name with your words; the same learning serves any edit of the picture (Valevski et al. 2022).</source>
            <translation>Das Modell lernt das Bild unter einem seltenen Namen und zeichnet diesen Namen dann mit den Worten; einmal gelernt, dient es jeder Änderung des Bildes (Valevski et al. 2022).</translation>
        </message>
        <message>
            <source>The part of the run in which guidance acts, 0 = first step, 1 = last (Kynkaanniemi et al. 2024).</source>
            <translation>Der Teil des Laufs, in dem Guidance wirkt, 0 = erster Schritt, 1 = letzter (Kynkaanniemi et al. 2024).</translation>
        </message>
        <message>
            <source>The part of the run in which the picture looks at itself as the old one did: more keeps outlines and poses.</source>
            <translation>Der Teil des Laufs, in dem das Bild auf sich schaut wie das alte: mehr behält Umrisse und Haltungen.</translation>
        </message>
        <message>
            <source>The part of the run in which words look where the old words looked: more keeps places and sizes.</source>
            <translation>Der Teil des Laufs, in dem Worte dahin schauen, wohin die alten schauten: mehr behält Orte und Größen.</translation>
        </message>
        <message>
            <source>The picture in words, as you would ask for it.</source>
            <translation>Das Bild in Worten, wie man es bestellen würde.</translation>
        </message>
        <message>
            <source>The picture in words, as you would ask for it; better words, better edits.</source>
            <translation>Das Bild in Worten, wie man es bestellen würde; bessere Worte, bessere Änderungen.</translation>
        </message>
        <message>
            <source>The picture that the clip begins with.</source>
            <translation>Das Bild, mit dem der Clip beginnt.</translation>
        </message>
        <message>
            <source>The picture that the clip ends with. Empty = where the words lead.</source>
            <translation>Das Bild, mit dem der Clip endet. Leer = wohin die Worte führen.</translation>
        </message>
        <message>
            <source>The picture to change.</source>
            <translation>Das Bild, das geändert wird.</translation>
        </message>
        <message>
            <source>The picture to change. Empty = the one that the seed gives for its words.</source>
            <translation>Das Bild, das geändert wird. Leer = das, welches der Seed zu seinen Worten ergibt.</translation>
        </message>
        <message>
            <source>The picture to enlarge.</source>
            <translation>Das Bild, das vergrößert wird.</translation>
        </message>
        <message>
            <source>The picture to extend.</source>
            <translation>Das Bild, das erweitert wird.</translation>
        </message>
        <message>
            <source>The picture to invert.</source>
            <translation>Das Bild, das invertiert wird.</translation>
        </message>
        <message>
            <source>The picture to learn and change.</source>
            <translation>Das Bild, das gelernt und geändert wird.</translation>
        </message>
        <message>
            <source>The picture to look at.</source>
            <translation>Das Bild, das betrachtet wird.</translation>
        </message>
        <message>
            <source>The picture to paint in.</source>
            <translation>Das Bild, in das gemalt wird.</translation>
        </message>
        <message>
            <source>The picture to start from.</source>
            <translation>Das Bild, von dem ausgegangen wird.</translation>
        </message>
        <message>
            <source>The picture whose layout is kept: shapes, places, colours.</source>
            <translation>Das Bild, dessen Aufbau bleibt: Formen, Orte, Farben.</translation>
        </message>
        <message>
            <source>The recording to blend with.</source>
            <translation>Die Aufnahme, mit der gemischt wird.</translation>
        </message>
        <message>
            <source>The recording to start from.</source>
            <translation>Die Aufnahme, von der ausgegangen wird.</translation>
        </message>
        <message>
            <source>The recording whose spectrogram is sounded.</source>
            <translation>Die Aufnahme, deren Spektrogramm hörbar wird.</translation>
        </message>
        <message>
            <source>The run that is halved. More is nearer to the finished picture and takes longer to learn.</source>
            <translation>Der Lauf, der halbiert wird. Mehr ist näher am fertigen Bild und lernt länger.</translation>
        </message>
        <message>
            <source>The same words with the change: another word, more words, or a weight such as (fluffy:2) for more and (fluffy:0) for less of it.</source>
            <translation>Dieselben Worte mit der Änderung: ein anderes Wort, mehr Worte oder ein Gewicht wie (fluffy:2) für mehr und (fluffy:0) für weniger davon.</translation>
        </message>
        <message>
            <source>The same, changed: a dog on a sofa.</source>
            <translation>Dasselbe, geändert: a dog on a sofa.</translation>
        </message>
        <message>
            <source>The shape of the thing: white is inside.</source>
            <translation>Die Form des Dings: Weiß ist innen.</translation>
        </message>
        <message>
            <source>The tune as notes: start and end in seconds, MIDI number. Empty = as they are found in the sound.</source>
            <translation>Die Melodie als Noten: Anfang und Ende in Sekunden, MIDI-Nummer. Leer = wie sie im Klang gefunden werden.</translation>
        </message>
        <message>
            <source>The word of the description whose place is wanted.</source>
            <translation>Das Wort der Beschreibung, dessen Ort gesucht wird.</translation>
        </message>
        <message>
            <source>Thing</source>
            <translation>Ding</translation>
        </message>
        <message>
            <source>Threshold</source>
            <translation>Schwelle</translation>
        </message>
        <message>
            <source>Tile</source>
            <translation>Kachel</translation>
        </message>
        <message>
            <source>Time to learn</source>
            <translation>Lernzeit</translation>
        </message>
        <message>
            <source>To</source>
            <translation>Bis</translation>
        </message>
        <message>
            <source>Top</source>
            <translation>Oben</translation>
        </message>
        <message>
            <source>Towards the words</source>
            <translation>Zu den Worten hin</translation>
        </message>
        <message>
            <source>Transpose</source>
            <translation>Transponieren</translation>
        </message>
        <message>
            <source>Tune</source>
            <translation>Melodie</translation>
        </message>
        <message>
            <source>Turn into it</source>
            <translation>In ihn übergehen</translation>
        </message>
        <message>
            <source>Twice or four times as many frames a second: what lies between two frames is drawn (temporal super-resolution, Ho et al. 2022, Imagen Video).</source>
            <translation>Zwei- oder viermal so viele Bilder pro Sekunde: Was zwischen zwei Bildern liegt, wird gezeichnet (zeitliche Superauflösung, Ho et al. 2022, Imagen Video).</translation>
        </message>
        <message>
            <source>Upscale</source>
            <translation>Hochskalieren</translation>
        </message>
        <message>
            <source>Upscale a clip</source>
            <translation>Clip hochskalieren</translation>
        </message>
        <message>
            <source>Variation</source>
            <translation>Variation</translation>
        </message>
        <message>
            <source>Variation seed</source>
            <translation>Variations-Seed</translation>
        </message>
        <message>
            <source>What comes after the last frame, part by part, each with its own words.</source>
            <translation>Was nach dem letzten Bild kommt, Teil für Teil, jeder mit eigenen Worten.</translation>
        </message>
        <message>
            <source>What fills the shape, and on what: a red car on a street.</source>
            <translation>Was die Form füllt, und worauf: a red car on a street.</translation>
        </message>
        <message>
            <source>What is marked on the spectrogram is played anew under your words, the rest stays; without a mark all of it is, as for another instrument (SDEdit, or inversion).</source>
            <translation>Was im Spektrogramm markiert ist, wird nach den Worten neu gespielt, der Rest bleibt; ohne Markierung alles, etwa für ein anderes Instrument (SDEdit oder Inversion).</translation>
        </message>
        <message>
            <source>What is masked is drawn anew under your words, the rest stays (Blended Latent Diffusion, Avrahami et al. 2022).</source>
            <translation>Was maskiert ist, wird nach den Worten neu gezeichnet, der Rest bleibt (Blended Latent Diffusion, Avrahami et al. 2022).</translation>
        </message>
        <message>
            <source>What is missing to it is added above and below alike. Empty = as the sides say.</source>
            <translation>Was dazu fehlt, kommt oben und unten gleichermaßen hinzu. Leer = wie die Seiten sagen.</translation>
        </message>
        <message>
            <source>What is missing to it is added on the left and on the right alike. Empty = as the sides say.</source>
            <translation>Was dazu fehlt, kommt links und rechts gleichermaßen hinzu. Leer = wie die Seiten sagen.</translation>
        </message>
        <message>
            <source>What it should show</source>
            <translation>Was es zeigen soll</translation>
        </message>
        <message>
            <source>What it shows</source>
            <translation>Was es zeigt</translation>
        </message>
        <message>
            <source>What lies between two recordings, by way of the noise they come from; or one that turns into the other.</source>
            <translation>Was zwischen zwei Aufnahmen liegt, über das Rauschen, aus dem sie entstehen; oder eine, die zur anderen wird.</translation>
        </message>
        <message>
            <source>What looks the same before and after is taken from your picture instead of the autoencoder.</source>
            <translation>Was vorher und nachher gleich aussieht, kommt aus dem eigenen Bild statt aus dem Autoencoder.</translation>
        </message>
        <message>
            <source>What may change, at some frames; between them the outline moves from one to the next. Empty = everything. On the command line: [{"frame": 0, "mask": "a.png"}, {"frame": 15, "mask": "b.png"}].</source>
            <translation>Was sich ändern darf, an einigen Bildern; dazwischen wandert der Umriss von einem zum nächsten. Leer = alles. In der Befehlszeile: [{"frame": 0, "mask": "a.png"}, {"frame": 15, "mask": "b.png"}].</translation>
        </message>
        <message>
            <source>What the clip should show; for a model that follows instructions, what to do: make the cat blue.</source>
            <translation>Was der Clip zeigen soll; bei einem Modell, das Anweisungen folgt, was zu tun ist: make the cat blue.</translation>
        </message>
        <message>
            <source>What the layout becomes: a coffee machine.</source>
            <translation>Was aus dem Aufbau wird: a coffee machine.</translation>
        </message>
        <message>
            <source>What to change, if you know better than the model: its own mask corrected by brush, or yours. Empty = it looks itself.</source>
            <translation>Was zu ändern ist, falls man es besser weiß als das Modell: seine Maske mit dem Pinsel verbessert, oder eine eigene. Leer = es sucht selbst.</translation>
        </message>
        <message>
            <source>What to change: white is changed, black stays.</source>
            <translation>Was geändert wird: Weiß wird geändert, Schwarz bleibt.</translation>
        </message>
        <message>
            <source>What to do, as you would tell a person: make the cat blue, put it on a black background.</source>
            <translation>Was zu tun ist, wie man es einem Menschen sagt: make the cat blue, put it on a black background.</translation>
        </message>
        <message>
            <source>What to draw anew: white is drawn, black stays.</source>
            <translation>Was neu gezeichnet wird: Weiß wird gezeichnet, Schwarz bleibt.</translation>
        </message>
        <message>
            <source>What to mask: the cat, the thing on the left, the background.</source>
            <translation>Was zu maskieren ist: the cat, the thing on the left, the background.</translation>
        </message>
        <message>
            <source>What to play anew: white on a picture that is stretched over the sound, left to right in time, high notes on top.</source>
            <translation>Was neu gespielt wird: Weiß auf einem Bild, das über den Klang gespannt ist, die Zeit von links nach rechts, hohe Töne oben.</translation>
        </message>
        <message>
            <source>What you do not want to see.</source>
            <translation>Was nicht zu sehen sein soll.</translation>
        </message>
        <message>
            <source>What you want</source>
            <translation>Was gewünscht ist</translation>
        </message>
        <message>
            <source>What you want to see, and what it does: a red car driving to the right. For clips longer than the model draws at once, a line for each part.</source>
            <translation>Was zu sehen sein soll und was es tut: a red car driving to the right. Für Clips, die länger sind als das Modell auf einmal zeichnet, eine Zeile je Teil.</translation>
        </message>
        <message>
            <source>What you want to see. Weigh words as (word:1.3).</source>
            <translation>Was zu sehen sein soll. Worte gewichten mit (Wort:1.3).</translation>
        </message>
        <message>
            <source>Where</source>
            <translation>Wo</translation>
        </message>
        <message>
            <source>Where a word acts</source>
            <translation>Wo ein Wort wirkt</translation>
        </message>
        <message>
            <source>Where halving ends; more leaves more time for each halving.</source>
            <translation>Wo das Halbieren endet; mehr lässt jeder Halbierung mehr Zeit.</translation>
        </message>
        <message>
            <source>Where mixing ends, as a share of all noise (k_min); from there on the new content finishes alone. Lower keeps more of the layout's details.</source>
            <translation>Wo das Mischen endet, als Anteil allen Rauschens (k_min); von da an wird der neue Inhalt allein fertig. Weniger behält mehr Details des Aufbaus.</translation>
        </message>
        <message>
            <source>Where the new model's folder is put. Empty = among your models, where it is offered at once.</source>
            <translation>Wohin der Ordner des neuen Modells kommt. Leer = zu den Modellen, wo es gleich zur Wahl steht.</translation>
        </message>
        <message>
            <source>Where the run begins, as a share of all noise (the paper's k_max): higher frees the new content from your picture's shapes.</source>
            <translation>Wo der Lauf beginnt, als Anteil allen Rauschens (k_max des Papers): mehr löst den neuen Inhalt von den Formen des Bildes.</translation>
        </message>
        <message>
            <source>Where: white is inside.</source>
            <translation>Wo: Weiß ist innen.</translation>
        </message>
        <message>
            <source>Width</source>
            <translation>Breite</translation>
        </message>
        <message>
            <source>Width over which old and new are blended, inside the mask. Empty = a 64th of the part that is drawn.</source>
            <translation>Breite, über die Alt und Neu verblendet werden, innerhalb der Maske. Leer = ein 64stel des gezeichneten Teils.</translation>
        </message>
        <message>
            <source>Windows of about six seconds that a learning step looks at.</source>
            <translation>Fenster von etwa sechs Sekunden, die ein Lernschritt ansieht.</translation>
        </message>
        <message>
            <source>Without</source>
            <translation>Ohne</translation>
        </message>
        <message>
            <source>Word</source>
            <translation>Wort</translation>
        </message>
        <message>
            <source>Wording</source>
            <translation>Wortsuche</translation>
        </message>
        <message>
            <source>Words</source>
            <translation>Worte</translation>
        </message>
        <message>
            <source>Words become a clip (motion modules on a model of pictures, AnimateDiff, Guo et al. 2024; or a picture that is moved, Motion-I2V, Shi et al. 2024).</source>
            <translation>Aus Worten wird ein Clip (Bewegungsmodule auf einem Bildmodell, AnimateDiff, Guo et al. 2024; oder ein Bild, das bewegt wird, Motion-I2V, Shi et al. 2024).</translation>
        </message>
        <message>
            <source>Words become a picture.</source>
            <translation>Aus Worten wird ein Bild.</translation>
        </message>
        <message>
            <source>Words become music of any length, or a loop.</source>
            <translation>Aus Worten wird Musik beliebiger Länge, oder eine Schleife.</translation>
        </message>
        <message>
            <source>Words to practise on</source>
            <translation>Worte zum Üben</translation>
        </message>
        <message>
            <source>Your clip two or four times as large; every frame is drawn from the same noise, so that details stay where they are.</source>
            <translation>Der Clip zwei- oder viermal so groß; jedes Bild wird aus demselben Rauschen gezeichnet, damit Details bleiben, wo sie sind.</translation>
        </message>
        <message>
            <source>Your picture begins to move; with a second picture, it becomes that.</source>
            <translation>Das Bild beginnt sich zu bewegen; mit einem zweiten Bild wird es zu diesem.</translation>
        </message>
        <message>
            <source>Your picture goes on beyond its edges, under your words (Blended Latent Diffusion).</source>
            <translation>Das Bild geht über seine Ränder hinaus weiter, nach den Worten (Blended Latent Diffusion).</translation>
        </message>
        <message>
            <source>Your picture in words, as you would ask for it: a cat on a sofa.</source>
            <translation>Das Bild in Worten, wie man es bestellen würde: a cat on a sofa.</translation>
        </message>
        <message>
            <source>Your picture two or four times as large, with sharp edges (cascaded diffusion, Ho et al. 2022).</source>
            <translation>Das Bild zwei- oder viermal so groß, mit scharfen Kanten (kaskadierte Diffusion, Ho et al. 2022).</translation>
        </message>
        <message>
            <source>after</source>
            <translation>nachher</translation>
        </message>
        <message>
            <source>before</source>
            <translation>vorher</translation>
        </message>
        <message>
            <source>consistency</source>
            <translation>Konsistenz</translation>
        </message>
        <message>
            <source>exact</source>
            <translation>exakt</translation>
        </message>
        <message>
            <source>exact: every step is computed. near: nearly the same picture, sooner. fast: as soon as possible, the same composition. What changes evenly from step to step is foreseen; where that would be off, it is computed after all.</source>
            <translation>exakt: Jeder Schritt wird gerechnet. nahezu: fast dasselbe Bild, früher. schnell: so früh wie möglich, derselbe Aufbau. Was sich von Schritt zu Schritt gleichmäßig ändert, wird vorausgesagt; wo das danebenläge, wird doch gerechnet.</translation>
        </message>
        <message>
            <source>faithful</source>
            <translation>getreu</translation>
        </message>
        <message>
            <source>fast</source>
            <translation>schnell</translation>
        </message>
        <message>
            <source>griffin-lim: phases are found by going back and forth, the same for every kind of sound. diffwave: a small diffusion model that has heard what lies between the bands of a spectrogram; clearer. Empty = diffwave where such a model is installed.</source>
            <translation>griffin-lim: Phasen werden durch Hin- und Herrechnen gefunden, gleich für jede Art Klang. diffwave: ein kleines Diffusionsmodell, das gehört hat, was zwischen den Bändern eines Spektrogramms liegt; klarer. Leer = diffwave, wo ein solches Modell installiert ist.</translation>
        </message>
        <message>
            <source>inversion</source>
            <translation>Inversion</translation>
        </message>
        <message>
            <source>near</source>
            <translation>nahezu</translation>
        </message>
        <message>
            <source>noise</source>
            <translation>Rauschen</translation>
        </message>
        <message>
            <source>noise: fresh noise over the sound (SDEdit). inversion: the noise that the sound itself comes from, which keeps more of what is played (DDIM inversion).</source>
            <translation>Rauschen: frisches Rauschen über dem Klang (SDEdit). Inversion: das Rauschen, aus dem der Klang selbst entsteht, behält mehr vom Gespielten (DDIM-Inversion).</translation>
        </message>
        <message>
            <source>progressive</source>
            <translation>progressiv</translation>
        </message>
        <message>
            <source>progressive: guidance becomes an input, then the steps are halved again and again. consistency: every noise level is taught to see the same picture (LCM, Luo et al. 2023).</source>
            <translation>progressiv: Guidance wird zur Eingabe, dann werden die Schritte immer wieder halbiert. Konsistenz: Jede Rauschstufe lernt, dasselbe Bild zu sehen (LCM, Luo et al. 2023).</translation>
        </message>
    </context>
    <context>
        <name>TechniqueHelp</name>
        <message>
            <source>After</source>
            <translation>Nachher</translation>
        </message>
        <message>
            <source>Before</source>
            <translation>Vorher</translation>
        </message>
        <message>
            <source>Close</source>
            <translation>Schließen</translation>
        </message>
        <message>
            <source>Help: {0}</source>
            <translation>Hilfe: {0}</translation>
        </message>
        <message>
            <source>Models here that can do it: {0}</source>
            <translation>Modelle hier, die es können: {0}</translation>
        </message>
        <message>
            <source>No model here can do this; add one in Settings, Models.</source>
            <translation>Kein Modell hier kann das; in „Einstellungen“, „Modelle“ eines hinzufügen.</translation>
        </message>
        <message>
            <source>Settings</source>
            <translation>Einstellungen</translation>
        </message>
        <message>
            <source>Try this example</source>
            <translation>Dieses Beispiel versuchen</translation>
        </message>
    </context>
    <context>
        <name>TechniquePanel</name>
        <message>
            <source>1 candidate</source>
            <translation>1 Vorschlag</translation>
        </message>
        <message>
            <source>1 take</source>
            <translation>1 Take</translation>
        </message>
        <message>
            <source>Advanced</source>
            <translation>Erweitert</translation>
        </message>
        <message>
            <source>Apply</source>
            <translation>Anwenden</translation>
        </message>
        <message>
            <source>Begin</source>
            <translation>Beginnen</translation>
        </message>
        <message>
            <source>Candidates</source>
            <translation>Vorschläge</translation>
        </message>
        <message>
            <source>Choose the scales by eye…</source>
            <translation>Werte nach Augenmaß wählen…</translation>
        </message>
        <message>
            <source>Ctrl+Enter</source>
            <translation>Strg+Eingabe</translation>
        </message>
        <message>
            <source>Draw</source>
            <translation>Zeichnen</translation>
        </message>
        <message>
            <source>Draws a small grid of both scales, with the same seed</source>
            <translation>Zeichnet ein kleines Raster beider Werte mit demselben Seed</translation>
        </message>
        <message>
            <source>Every Draw throws a new seed; press to keep this one</source>
            <translation>Jedes Zeichnen würfelt einen neuen Seed; drücken, um diesen zu behalten</translation>
        </message>
        <message>
            <source>Finish</source>
            <translation>Fertigstellen</translation>
        </message>
        <message>
            <source>How many pictures to draw, each with the next seed. Default 1; try 4 to choose from.</source>
            <translation>Wie viele Bilder gezeichnet werden, jedes mit dem nächsten Seed. Standard 1; zur Auswahl etwa 4.</translation>
        </message>
        <message>
            <source>Keep the seed</source>
            <translation>Seed behalten</translation>
        </message>
        <message>
            <source>Live preview</source>
            <translation>Live-Vorschau</translation>
        </message>
        <message>
            <source>Live preview is on: a quick picture follows every change; press to turn it off (Ctrl+Shift+L)</source>
            <translation>Live-Vorschau ist an: Ein schnelles Bild folgt jeder Änderung; drücken zum Ausschalten (Strg+Umschalt+L)</translation>
        </message>
        <message>
            <source>Live preview: a quick picture follows words, brush, mask and sliders (Ctrl+Shift+L)</source>
            <translation>Live-Vorschau: Ein schnelles Bild folgt Worten, Pinsel, Maske und Reglern (Strg+Umschalt+L)</translation>
        </message>
        <message>
            <source>Make music</source>
            <translation>Musik machen</translation>
        </message>
        <message>
            <source>Make the clip</source>
            <translation>Clip machen</translation>
        </message>
        <message>
            <source>Model</source>
            <translation>Modell</translation>
        </message>
        <message>
            <source>Name of the preset</source>
            <translation>Name der Vorgabe</translation>
        </message>
        <message>
            <source>Presets</source>
            <translation>Vorgaben</translation>
        </message>
        <message>
            <source>Remove a preset</source>
            <translation>Vorgabe entfernen</translation>
        </message>
        <message>
            <source>Save a preset</source>
            <translation>Vorgabe speichern</translation>
        </message>
        <message>
            <source>Save these settings as a preset…</source>
            <translation>Einstellungen als Vorgabe speichern…</translation>
        </message>
        <message>
            <source>Seed</source>
            <translation>Seed</translation>
        </message>
        <message>
            <source>Settings of the technique</source>
            <translation>Einstellungen der Technik</translation>
        </message>
        <message>
            <source>Technique</source>
            <translation>Technik</translation>
        </message>
        <message>
            <source>The same seed with the same settings makes the same picture. Unlocked, every Draw uses a new one.</source>
            <translation>Derselbe Seed mit denselben Einstellungen ergibt dasselbe Bild. Ohne Schloss nimmt jedes Zeichnen einen neuen.</translation>
        </message>
        <message>
            <source>The seed is kept</source>
            <translation>Der Seed bleibt</translation>
        </message>
        <message>
            <source>The settings of {0} are in use.</source>
            <translation>Die Einstellungen von {0} werden verwendet.</translation>
        </message>
        <message>
            <source>about {0}</source>
            <translation>etwa {0}</translation>
        </message>
        <message>
            <source>none here</source>
            <translation>keines da</translation>
        </message>
        <message>
            <source>one new model</source>
            <translation>ein neues Modell</translation>
        </message>
        <message>
            <source>roughly {0}</source>
            <translation>ungefähr {0}</translation>
        </message>
        <message>
            <source>time unknown until the first clip</source>
            <translation>Dauer erst nach dem ersten Clip bekannt</translation>
        </message>
        <message>
            <source>time unknown until the first picture</source>
            <translation>Dauer erst nach dem ersten Bild bekannt</translation>
        </message>
        <message>
            <source>time unknown until the first sound</source>
            <translation>Dauer erst nach dem ersten Klang bekannt</translation>
        </message>
        <message>
            <source>{0:.1f} GB</source>
            <translation>{0:.1f} GB</translation>
        </message>
        <message>
            <source>{0} candidates</source>
            <translation>{0} Vorschläge</translation>
        </message>
        <message>
            <source>{0} takes</source>
            <translation>{0} Takes</translation>
        </message>
        <message>
            <source>{0} x {1} px</source>
            <translation>{0} x {1} px</translation>
        </message>
    </context>
    <context>
        <name>Thumb</name>
        <message>
            <source>Wave</source>
            <translation>Wellenform</translation>
        </message>
    </context>
    <context>
        <name>TimelinePanel</name>
        <message>
            <source>Mark the beats</source>
            <translation>Beats markieren</translation>
        </message>
        <message>
            <source>Markers on the beats of the sound, for cuts that snap to them</source>
            <translation>Marken auf den Beats des Klangs, an denen Schnitte einrasten</translation>
        </message>
        <message>
            <source>Scroll along the time</source>
            <translation>Entlang der Zeit blättern</translation>
        </message>
        <message>
            <source>Scroll the tracks</source>
            <translation>Spuren blättern</translation>
        </message>
        <message>
            <source>Show all of the film</source>
            <translation>Den ganzen Film zeigen</translation>
        </message>
        <message>
            <source>Show less time</source>
            <translation>Weniger Zeit zeigen</translation>
        </message>
        <message>
            <source>Show more time</source>
            <translation>Mehr Zeit zeigen</translation>
        </message>
        <message>
            <source>Timeline</source>
            <translation>Zeitleiste</translation>
        </message>
    </context>
    <context>
        <name>TimelineView</name>
        <message>
            <source>Chosen: {0} on {1}, from {2} to {3}.</source>
            <translation>Gewählt: {0} auf {1}, von {2} bis {3}.</translation>
        </message>
        <message>
            <source>Double-click sets a keyframe here</source>
            <translation>Doppelklick setzt hier einen Keyframe</translation>
        </message>
        <message>
            <source>Remove the keyframe</source>
            <translation>Keyframe entfernen</translation>
        </message>
        <message>
            <source>Remove the marker</source>
            <translation>Marke entfernen</translation>
        </message>
        <message>
            <source>Remove the track “{0}”</source>
            <translation>Spur „{0}“ entfernen</translation>
        </message>
        <message>
            <source>Strength</source>
            <translation>Stärke</translation>
        </message>
        <message>
            <source>Timeline</source>
            <translation>Zeitleiste</translation>
        </message>
        <message>
            <source>Words</source>
            <translation>Worte</translation>
        </message>
        <message>
            <source>Words from here</source>
            <translation>Worte ab hier</translation>
        </message>
        <message>
            <source>Write the words…</source>
            <translation>Worte schreiben…</translation>
        </message>
        <message>
            <source>{0} clips, {1} long. Page Down chooses the next one.</source>
            <translation>{0} Clips, {1} lang. Bild ab wählt den nächsten.</translation>
        </message>
    </context>
    <context>
        <name>TopBar</name>
        <message>
            <source>All commands</source>
            <translation>Alle Befehle</translation>
        </message>
        <message>
            <source>Commands</source>
            <translation>Befehle</translation>
        </message>
        <message>
            <source>Find any command by its name</source>
            <translation>Jeden Befehl nach Namen finden</translation>
        </message>
        <message>
            <source>Menu of Diffusion Studio</source>
            <translation>Menü von Diffusion Studio</translation>
        </message>
        <message>
            <source>Nothing to redo</source>
            <translation>Nichts wiederherzustellen</translation>
        </message>
        <message>
            <source>Nothing to undo</source>
            <translation>Nichts rückgängig zu machen</translation>
        </message>
        <message>
            <source>Redo: {0}</source>
            <translation>Wiederherstellen: {0}</translation>
        </message>
        <message>
            <source>Stop this file</source>
            <translation>Diese Datei abbrechen</translation>
        </message>
        <message>
            <source>Undo: {0}</source>
            <translation>Rückgängig: {0}</translation>
        </message>
        <message>
            <source>Untitled</source>
            <translation>Unbenannt</translation>
        </message>
        <message>
            <source>copying</source>
            <translation>kopiert</translation>
        </message>
        <message>
            <source>empty</source>
            <translation>leer</translation>
        </message>
        <message>
            <source>exporting</source>
            <translation>exportiert</translation>
        </message>
        <message>
            <source>not saved</source>
            <translation>nicht gespeichert</translation>
        </message>
        <message>
            <source>opening</source>
            <translation>öffnet</translation>
        </message>
        <message>
            <source>saved</source>
            <translation>gespeichert</translation>
        </message>
        <message>
            <source>saving</source>
            <translation>speichert</translation>
        </message>
    </context>
    <context>
        <name>Transport</name>
        <message>
            <source>As the system</source>
            <translation>Wie das System</translation>
        </message>
        <message>
            <source>Heard on</source>
            <translation>Wiedergabe über</translation>
        </message>
        <message>
            <source>Hum a tune</source>
            <translation>Melodie summen</translation>
        </message>
        <message>
            <source>Key</source>
            <translation>Tonart</translation>
        </message>
        <message>
            <source>Look for devices again</source>
            <translation>Geräte neu suchen</translation>
        </message>
        <message>
            <source>Loudness; the true peak is {0} dBTP.</source>
            <translation>Lautheit; der True Peak ist {0} dBTP.</translation>
        </message>
        <message>
            <source>One frame back</source>
            <translation>Ein Bild zurück</translation>
        </message>
        <message>
            <source>One frame back  Left</source>
            <translation>Ein Bild zurück  Links</translation>
        </message>
        <message>
            <source>One frame on</source>
            <translation>Ein Bild vor</translation>
        </message>
        <message>
            <source>One frame on  Right</source>
            <translation>Ein Bild vor  Rechts</translation>
        </message>
        <message>
            <source>Opening the sound device…</source>
            <translation>Das Tongerät wird geöffnet…</translation>
        </message>
        <message>
            <source>Pause</source>
            <translation>Pause</translation>
        </message>
        <message>
            <source>Play</source>
            <translation>Abspielen</translation>
        </message>
        <message>
            <source>Play the chosen stretch, else all of it, round and round  Ctrl+Shift+Y</source>
            <translation>Den Zeitbereich, sonst alles, in Schleife abspielen  Strg+Umschalt+Y</translation>
        </message>
        <message>
            <source>Playing</source>
            <translation>Wiedergabe</translation>
        </message>
        <message>
            <source>Record a sound</source>
            <translation>Klang aufnehmen</translation>
        </message>
        <message>
            <source>Recorded from</source>
            <translation>Aufnahme von</translation>
        </message>
        <message>
            <source>Records a tune from the microphone and finds its notes; press again to end it</source>
            <translation>Nimmt eine Melodie vom Mikrofon auf und findet ihre Noten; noch einmal drücken beendet die Aufnahme</translation>
        </message>
        <message>
            <source>Repeat</source>
            <translation>Wiederholen</translation>
        </message>
        <message>
            <source>Space</source>
            <translation>Leertaste</translation>
        </message>
        <message>
            <source>Stop recording</source>
            <translation>Aufnahme beenden</translation>
        </message>
        <message>
            <source>Tempo</source>
            <translation>Tempo</translation>
        </message>
        <message>
            <source>To the beginning</source>
            <translation>Zum Anfang</translation>
        </message>
        <message>
            <source>To the beginning  Home</source>
            <translation>Zum Anfang  Pos1</translation>
        </message>
        <message>
            <source>To the end</source>
            <translation>Zum Ende</translation>
        </message>
        <message>
            <source>To the end  End</source>
            <translation>Zum Ende  Ende</translation>
        </message>
        <message>
            <source>Volume</source>
            <translation>Lautstärke</translation>
        </message>
        <message>
            <source>Volume and sound devices</source>
            <translation>Lautstärke und Audiogeräte</translation>
        </message>
        <message>
            <source>listening…</source>
            <translation>hört zu…</translation>
        </message>
        <message>
            <source>{0} dropped</source>
            <translation>{0} ausgelassen</translation>
        </message>
        <message>
            <source>{0} fps</source>
            <translation>{0} fps</translation>
        </message>
    </context>
    <context>
        <name>ValueRow</name>
        <message>
            <source>Reset {0}</source>
            <translation>{0} zurücksetzen</translation>
        </message>
    </context>
    <context>
        <name>WandPage</name>
        <message>
            <source>Ctrl clears</source>
            <translation>Strg leert</translation>
        </message>
        <message>
            <source>How much a colour may differ from the one that is clicked</source>
            <translation>Wie sehr eine Farbe von der angeklickten abweichen darf</translation>
        </message>
        <message>
            <source>Off: everywhere in the picture</source>
            <translation>Aus: überall im Bild</translation>
        </message>
        <message>
            <source>Tolerance</source>
            <translation>Toleranz</translation>
        </message>
        <message>
            <source>only what touches</source>
            <translation>nur Zusammenhängendes</translation>
        </message>
    </context>
    <context>
        <name>Window</name>
        <message>
            <source>A mask has no colour; choose or add a picture layer to paint in colour.</source>
            <translation>Eine Maske hat keine Farbe; zum Malen in Farbe eine Bildebene wählen oder hinzufügen.</translation>
        </message>
        <message>
            <source>About Diffusion Studio</source>
            <translation>Über Diffusion Studio</translation>
        </message>
        <message>
            <source>Add pictures as layers</source>
            <translation>Bilder als Ebenen einfügen</translation>
        </message>
        <message>
            <source>Apache-2.0. Icons: Lucide (ISC). Type: Inter (OFL).</source>
            <translation>Apache-2.0. Symbole: Lucide (ISC). Schrift: Inter (OFL).</translation>
        </message>
        <message>
            <source>Colour to paint with</source>
            <translation>Malfarbe</translation>
        </message>
        <message>
            <source>Draw</source>
            <translation>Zeichnen</translation>
        </message>
        <message>
            <source>Gallery</source>
            <translation>Galerie</translation>
        </message>
        <message>
            <source>Help for the technique, with an example</source>
            <translation>Hilfe zur Technik, mit Beispiel</translation>
        </message>
        <message>
            <source>History</source>
            <translation>Protokoll</translation>
        </message>
        <message>
            <source>Layers</source>
            <translation>Ebenen</translation>
        </message>
        <message>
            <source>Painting the mask</source>
            <translation>Es wird die Maske gemalt</translation>
        </message>
        <message>
            <source>Pictures (*.png *.jpg *.jpeg *.webp *.avif *.tif *.tiff *.bmp *.gif *.jp2 *.psd)</source>
            <translation>Bilder (*.png *.jpg *.jpeg *.webp *.avif *.tif *.tiff *.bmp *.gif *.jp2 *.psd)</translation>
        </message>
        <message>
            <source>Pictures, video and music made and changed by diffusion models.</source>
            <translation>Bilder, Video und Musik, gemacht und geändert von Diffusionsmodellen.</translation>
        </message>
        <message>
            <source>Queue</source>
            <translation>Warteschlange</translation>
        </message>
        <message>
            <source>Tools</source>
            <translation>Werkzeuge</translation>
        </message>
        <message>
            <source>Untitled</source>
            <translation>Unbenannt</translation>
        </message>
    </context>
    <context>
        <name>actions</name>
        <message>
            <source>About Diffusion Studio</source>
            <translation>Über Diffusion Studio</translation>
        </message>
        <message>
            <source>Accept the candidate as a layer</source>
            <translation>Vorschlag als Ebene übernehmen</translation>
        </message>
        <message>
            <source>Add a track for films</source>
            <translation>Spur für Filme hinzufügen</translation>
        </message>
        <message>
            <source>Add a track for pictures over the film</source>
            <translation>Spur für Bilder über dem Film hinzufügen</translation>
        </message>
        <message>
            <source>Add a track for sound</source>
            <translation>Spur für Klang hinzufügen</translation>
        </message>
        <message>
            <source>Add pictures as layers</source>
            <translation>Bilder als Ebenen einfügen</translation>
        </message>
        <message>
            <source>Add sounds</source>
            <translation>Klänge hinzufügen</translation>
        </message>
        <message>
            <source>Animate the layer</source>
            <translation>Ebene animieren</translation>
        </message>
        <message>
            <source>Begin the chosen stretch at the playhead</source>
            <translation>Zeitbereich am Abspielkopf beginnen</translation>
        </message>
        <message>
            <source>Begin the clip at the playhead</source>
            <translation>Clip am Abspielkopf beginnen</translation>
        </message>
        <message>
            <source>Begin the range at the playhead</source>
            <translation>Bereich am Abspielkopf beginnen</translation>
        </message>
        <message>
            <source>Border of the mask or selection</source>
            <translation>Rand der Maske oder Auswahl</translation>
        </message>
        <message>
            <source>Brush</source>
            <translation>Pinsel</translation>
        </message>
        <message>
            <source>Change the speed of the clip</source>
            <translation>Tempo des Clips ändern</translation>
        </message>
        <message>
            <source>Choose a stretch of time</source>
            <translation>Zeitbereich wählen</translation>
        </message>
        <message>
            <source>Choose both guidance scales by eye</source>
            <translation>Beide Guidance-Werte nach Augenmaß wählen</translation>
        </message>
        <message>
            <source>Choose the next clip</source>
            <translation>Nächsten Clip wählen</translation>
        </message>
        <message>
            <source>Choose the previous clip</source>
            <translation>Vorigen Clip wählen</translation>
        </message>
        <message>
            <source>Clear what is selected, else delete the layer</source>
            <translation>Auswahl leeren, sonst Ebene löschen</translation>
        </message>
        <message>
            <source>Compare techniques on this picture</source>
            <translation>Techniken an diesem Bild vergleichen</translation>
        </message>
        <message>
            <source>Compare with what is below</source>
            <translation>Mit dem Bild darunter vergleichen</translation>
        </message>
        <message>
            <source>Continue the clip</source>
            <translation>Clip fortsetzen</translation>
        </message>
        <message>
            <source>Copy the film's files beside the project</source>
            <translation>Dateien des Films neben das Projekt kopieren</translation>
        </message>
        <message>
            <source>Copy the layer, or what is selected of it</source>
            <translation>Ebene oder Auswahl darin kopieren</translation>
        </message>
        <message>
            <source>Copy the picture</source>
            <translation>Bild kopieren</translation>
        </message>
        <message>
            <source>Crop the canvas</source>
            <translation>Leinwand zuschneiden</translation>
        </message>
        <message>
            <source>Crossfade from the clip before, or a hard cut</source>
            <translation>Überblendung vom Clip davor, oder harter Schnitt</translation>
        </message>
        <message>
            <source>Cut what is selected</source>
            <translation>Auswahl ausschneiden</translation>
        </message>
        <message>
            <source>Delete the clip and close the gap</source>
            <translation>Clip löschen und Lücke schließen</translation>
        </message>
        <message>
            <source>Delete the clip and leave the gap</source>
            <translation>Clip löschen und Lücke lassen</translation>
        </message>
        <message>
            <source>Delete the layer</source>
            <translation>Ebene löschen</translation>
        </message>
        <message>
            <source>Discard all candidates</source>
            <translation>Alle Vorschläge verwerfen</translation>
        </message>
        <message>
            <source>Discard the candidate</source>
            <translation>Vorschlag verwerfen</translation>
        </message>
        <message>
            <source>Discard the take</source>
            <translation>Take verwerfen</translation>
        </message>
        <message>
            <source>Discard the take of the film</source>
            <translation>Take des Films verwerfen</translation>
        </message>
        <message>
            <source>Draw</source>
            <translation>Zeichnen</translation>
        </message>
        <message>
            <source>Draw frames between the frames of the clip</source>
            <translation>Bilder zwischen den Bildern des Clips zeichnen</translation>
        </message>
        <message>
            <source>Duplicate the layer</source>
            <translation>Ebene duplizieren</translation>
        </message>
        <message>
            <source>Edit</source>
            <translation>Bearbeiten</translation>
        </message>
        <message>
            <source>Edit the clip by words</source>
            <translation>Clip mit Worten ändern</translation>
        </message>
        <message>
            <source>Ellipse</source>
            <translation>Ellipse</translation>
        </message>
        <message>
            <source>End the chosen stretch at the playhead</source>
            <translation>Zeitbereich am Abspielkopf beenden</translation>
        </message>
        <message>
            <source>End the clip at the playhead</source>
            <translation>Clip am Abspielkopf beenden</translation>
        </message>
        <message>
            <source>End the range at the playhead</source>
            <translation>Bereich am Abspielkopf beenden</translation>
        </message>
        <message>
            <source>Eraser</source>
            <translation>Radierer</translation>
        </message>
        <message>
            <source>Export the film</source>
            <translation>Film exportieren</translation>
        </message>
        <message>
            <source>Export the picture</source>
            <translation>Bild exportieren</translation>
        </message>
        <message>
            <source>Export the sound</source>
            <translation>Klang exportieren</translation>
        </message>
        <message>
            <source>Feather the mask or selection</source>
            <translation>Kante der Maske oder Auswahl weichzeichnen</translation>
        </message>
        <message>
            <source>File</source>
            <translation>Datei</translation>
        </message>
        <message>
            <source>Fill</source>
            <translation>Füllen</translation>
        </message>
        <message>
            <source>Film</source>
            <translation>Film</translation>
        </message>
        <message>
            <source>Find a command</source>
            <translation>Befehl suchen</translation>
        </message>
        <message>
            <source>Find the tune of the sound</source>
            <translation>Melodie des Klangs suchen</translation>
        </message>
        <message>
            <source>Fit the picture in the window</source>
            <translation>Bild ins Fenster einpassen</translation>
        </message>
        <message>
            <source>Flip the layer sideways</source>
            <translation>Ebene waagerecht spiegeln</translation>
        </message>
        <message>
            <source>Flip the layer upside down</source>
            <translation>Ebene senkrecht spiegeln</translation>
        </message>
        <message>
            <source>Generation box</source>
            <translation>Zeichenrahmen</translation>
        </message>
        <message>
            <source>Go to the beginning of the film</source>
            <translation>Zum Anfang des Films</translation>
        </message>
        <message>
            <source>Go to the beginning of the sound</source>
            <translation>Zum Anfang des Klangs</translation>
        </message>
        <message>
            <source>Go to the end of the film</source>
            <translation>Zum Ende des Films</translation>
        </message>
        <message>
            <source>Go to the next cut or marker</source>
            <translation>Zum nächsten Schnitt oder zur nächsten Marke</translation>
        </message>
        <message>
            <source>Go to the next part of the window</source>
            <translation>Zum nächsten Teil des Fensters</translation>
        </message>
        <message>
            <source>Go to the previous cut or marker</source>
            <translation>Zum vorigen Schnitt oder zur vorigen Marke</translation>
        </message>
        <message>
            <source>Go to the previous part of the window</source>
            <translation>Zum vorigen Teil des Fensters</translation>
        </message>
        <message>
            <source>Go to the words</source>
            <translation>Zu den Worten gehen</translation>
        </message>
        <message>
            <source>Gradient</source>
            <translation>Verlauf</translation>
        </message>
        <message>
            <source>Group the chosen layers</source>
            <translation>Gewählte Ebenen gruppieren</translation>
        </message>
        <message>
            <source>Grow the mask or selection</source>
            <translation>Maske oder Auswahl erweitern</translation>
        </message>
        <message>
            <source>Hand</source>
            <translation>Hand</translation>
        </message>
        <message>
            <source>Help</source>
            <translation>Hilfe</translation>
        </message>
        <message>
            <source>Help for the technique, with an example</source>
            <translation>Hilfe zur Technik, mit Beispiel</translation>
        </message>
        <message>
            <source>Hum a tune, or stop recording</source>
            <translation>Melodie summen, oder Aufnahme beenden</translation>
        </message>
        <message>
            <source>Invert the mask</source>
            <translation>Maske umkehren</translation>
        </message>
        <message>
            <source>Invert the selection</source>
            <translation>Auswahl umkehren</translation>
        </message>
        <message>
            <source>Keep the take</source>
            <translation>Take behalten</translation>
        </message>
        <message>
            <source>Lasso</source>
            <translation>Lasso</translation>
        </message>
        <message>
            <source>Layer</source>
            <translation>Ebene</translation>
        </message>
        <message>
            <source>Live preview</source>
            <translation>Live-Vorschau</translation>
        </message>
        <message>
            <source>Live preview in the middle of a stroke</source>
            <translation>Live-Vorschau mitten im Strich</translation>
        </message>
        <message>
            <source>Lock or unlock the layer</source>
            <translation>Ebene sperren oder entsperren</translation>
        </message>
        <message>
            <source>Lower the layer</source>
            <translation>Ebene nach unten</translation>
        </message>
        <message>
            <source>Magic wand</source>
            <translation>Zauberstab</translation>
        </message>
        <message>
            <source>Make a clip that leads back to the beginning of this one</source>
            <translation>Clip machen, der zum Anfang von diesem zurückführt</translation>
        </message>
        <message>
            <source>Make a mask of the selection</source>
            <translation>Maske aus der Auswahl erstellen</translation>
        </message>
        <message>
            <source>Make the clip larger</source>
            <translation>Clip vergrößern</translation>
        </message>
        <message>
            <source>Make the layer again</source>
            <translation>Ebene neu zeichnen lassen</translation>
        </message>
        <message>
            <source>Mark a rectangle</source>
            <translation>Rechteck markieren</translation>
        </message>
        <message>
            <source>Mark nothing</source>
            <translation>Nichts markieren</translation>
        </message>
        <message>
            <source>Mark the chosen stretch, else what is in view</source>
            <translation>Zeitbereich markieren, sonst das Sichtbare</translation>
        </message>
        <message>
            <source>Mark with a brush</source>
            <translation>Mit dem Pinsel markieren</translation>
        </message>
        <message>
            <source>Mark with a lasso</source>
            <translation>Mit dem Lasso markieren</translation>
        </message>
        <message>
            <source>Markers on the beats of the sound</source>
            <translation>Marken auf den Beats des Klangs</translation>
        </message>
        <message>
            <source>Mask</source>
            <translation>Maske</translation>
        </message>
        <message>
            <source>Mend the tune</source>
            <translation>Melodie ausbessern</translation>
        </message>
        <message>
            <source>Merge all that is shown</source>
            <translation>Alles Sichtbare zusammenfügen</translation>
        </message>
        <message>
            <source>Merge the layer with the one below, or a group into one</source>
            <translation>Ebene mit der darunter zusammenfügen, oder eine Gruppe zu einer Ebene</translation>
        </message>
        <message>
            <source>Move</source>
            <translation>Verschieben</translation>
        </message>
        <message>
            <source>Move the clip back by a frame</source>
            <translation>Clip um ein Bild zurück verschieben</translation>
        </message>
        <message>
            <source>Move the clip on by a frame</source>
            <translation>Clip um ein Bild vor verschieben</translation>
        </message>
        <message>
            <source>Move the sound, put the playhead</source>
            <translation>Ansicht verschieben, Abspielkopf setzen</translation>
        </message>
        <message>
            <source>New empty layer</source>
            <translation>Neue leere Ebene</translation>
        </message>
        <message>
            <source>New group</source>
            <translation>Neue Gruppe</translation>
        </message>
        <message>
            <source>New mask</source>
            <translation>Neue Maske</translation>
        </message>
        <message>
            <source>New picture</source>
            <translation>Neues Bild</translation>
        </message>
        <message>
            <source>New region with words of its own</source>
            <translation>Neue Region mit eigenen Worten</translation>
        </message>
        <message>
            <source>Next candidate</source>
            <translation>Nächster Vorschlag</translation>
        </message>
        <message>
            <source>Next take of the film</source>
            <translation>Nächster Take des Films</translation>
        </message>
        <message>
            <source>No range: all of the film</source>
            <translation>Kein Bereich: ganzer Film</translation>
        </message>
        <message>
            <source>One frame back</source>
            <translation>Ein Bild zurück</translation>
        </message>
        <message>
            <source>One frame on</source>
            <translation>Ein Bild vor</translation>
        </message>
        <message>
            <source>One second back</source>
            <translation>Eine Sekunde zurück</translation>
        </message>
        <message>
            <source>One second on</source>
            <translation>Eine Sekunde vor</translation>
        </message>
        <message>
            <source>Open a project or picture</source>
            <translation>Projekt oder Bild öffnen</translation>
        </message>
        <message>
            <source>Open a recent file</source>
            <translation>Zuletzt benutzte Datei öffnen</translation>
        </message>
        <message>
            <source>Paint a mask on the clip at the playhead</source>
            <translation>Am Abspielkopf eine Maske auf den Clip malen</translation>
        </message>
        <message>
            <source>Paste as a layer</source>
            <translation>Als Ebene einfügen</translation>
        </message>
        <message>
            <source>Pause the queue</source>
            <translation>Warteschlange anhalten</translation>
        </message>
        <message>
            <source>Pick a colour</source>
            <translation>Farbe aufnehmen</translation>
        </message>
        <message>
            <source>Picture</source>
            <translation>Bild</translation>
        </message>
        <message>
            <source>Play backward, faster at each press</source>
            <translation>Rückwärts abspielen, mit jedem Druck schneller</translation>
        </message>
        <message>
            <source>Play forward, faster at each press</source>
            <translation>Vorwärts abspielen, mit jedem Druck schneller</translation>
        </message>
        <message>
            <source>Play or pause</source>
            <translation>Abspielen oder anhalten</translation>
        </message>
        <message>
            <source>Play or pause the film</source>
            <translation>Film abspielen oder anhalten</translation>
        </message>
        <message>
            <source>Play round and round</source>
            <translation>In Schleife abspielen</translation>
        </message>
        <message>
            <source>Play the range round and round</source>
            <translation>Bereich in Schleife abspielen</translation>
        </message>
        <message>
            <source>Previous candidate</source>
            <translation>Voriger Vorschlag</translation>
        </message>
        <message>
            <source>Previous take of the film</source>
            <translation>Voriger Take des Films</translation>
        </message>
        <message>
            <source>Put films, pictures or sounds on the timeline</source>
            <translation>Filme, Bilder oder Klänge auf die Zeitleiste legen</translation>
        </message>
        <message>
            <source>Put the panels back</source>
            <translation>Bedienfelder zurücksetzen</translation>
        </message>
        <message>
            <source>Put the take beside the clip it was made from</source>
            <translation>Take neben den Clip legen, aus dem er entstand</translation>
        </message>
        <message>
            <source>Put the take on the timeline</source>
            <translation>Take auf die Zeitleiste legen</translation>
        </message>
        <message>
            <source>Quick mask</source>
            <translation>Schnellmaske</translation>
        </message>
        <message>
            <source>Quit</source>
            <translation>Beenden</translation>
        </message>
        <message>
            <source>Raise the layer</source>
            <translation>Ebene nach oben</translation>
        </message>
        <message>
            <source>Record a sound, or stop recording</source>
            <translation>Klang aufnehmen, oder Aufnahme beenden</translation>
        </message>
        <message>
            <source>Rectangle</source>
            <translation>Rechteck</translation>
        </message>
        <message>
            <source>Redo</source>
            <translation>Wiederherstellen</translation>
        </message>
        <message>
            <source>Remove what is marked from the sound</source>
            <translation>Markiertes aus dem Klang entfernen</translation>
        </message>
        <message>
            <source>Save the project</source>
            <translation>Projekt speichern</translation>
        </message>
        <message>
            <source>Save the project under another name</source>
            <translation>Projekt unter anderem Namen speichern</translation>
        </message>
        <message>
            <source>Search the gallery</source>
            <translation>Galerie durchsuchen</translation>
        </message>
        <message>
            <source>See the masks alone</source>
            <translation>Nur die Masken zeigen</translation>
        </message>
        <message>
            <source>Select all</source>
            <translation>Alles auswählen</translation>
        </message>
        <message>
            <source>Select nothing</source>
            <translation>Auswahl aufheben</translation>
        </message>
        <message>
            <source>Select what the layer covers</source>
            <translation>Auswählen, was die Ebene bedeckt</translation>
        </message>
        <message>
            <source>Set or remove a marker at the playhead</source>
            <translation>Marke am Abspielkopf setzen oder entfernen</translation>
        </message>
        <message>
            <source>Set or remove a strength at the playhead</source>
            <translation>Stärke am Abspielkopf setzen oder entfernen</translation>
        </message>
        <message>
            <source>Settings</source>
            <translation>Einstellungen</translation>
        </message>
        <message>
            <source>Shortcuts</source>
            <translation>Tastenkürzel</translation>
        </message>
        <message>
            <source>Show candidate {0}</source>
            <translation>Vorschlag {0} zeigen</translation>
        </message>
        <message>
            <source>Show or hide the gallery</source>
            <translation>Galerie ein- oder ausblenden</translation>
        </message>
        <message>
            <source>Show or hide the history</source>
            <translation>Protokoll ein- oder ausblenden</translation>
        </message>
        <message>
            <source>Show or hide the layer</source>
            <translation>Ebene ein- oder ausblenden</translation>
        </message>
        <message>
            <source>Show or hide the layers</source>
            <translation>Ebenen ein- oder ausblenden</translation>
        </message>
        <message>
            <source>Show or hide the panels</source>
            <translation>Bedienfelder ein- oder ausblenden</translation>
        </message>
        <message>
            <source>Show or hide the queue</source>
            <translation>Warteschlange ein- oder ausblenden</translation>
        </message>
        <message>
            <source>Show or hide the takes</source>
            <translation>Takes ein- oder ausblenden</translation>
        </message>
        <message>
            <source>Show or hide the technique panel</source>
            <translation>Technik ein- oder ausblenden</translation>
        </message>
        <message>
            <source>Show where the picture came from</source>
            <translation>Zeigen, woher das Bild kommt</translation>
        </message>
        <message>
            <source>Shrink the mask or selection</source>
            <translation>Maske oder Auswahl verkleinern</translation>
        </message>
        <message>
            <source>Slip the clip: show what is a frame earlier</source>
            <translation>Inhalt des Clips verschieben: ein Bild früher</translation>
        </message>
        <message>
            <source>Slip the clip: show what is a frame later</source>
            <translation>Inhalt des Clips verschieben: ein Bild später</translation>
        </message>
        <message>
            <source>Smooth the mask or selection</source>
            <translation>Maske oder Auswahl glätten</translation>
        </message>
        <message>
            <source>Snap to cuts and markers</source>
            <translation>An Schnitten und Marken einrasten</translation>
        </message>
        <message>
            <source>Sound</source>
            <translation>Klang</translation>
        </message>
        <message>
            <source>Split the clip at the playhead</source>
            <translation>Clip am Abspielkopf teilen</translation>
        </message>
        <message>
            <source>Stop all jobs</source>
            <translation>Alle Aufträge stoppen</translation>
        </message>
        <message>
            <source>Stop playing</source>
            <translation>Abspielen stoppen</translation>
        </message>
        <message>
            <source>Straighten the view</source>
            <translation>Ansicht gerade stellen</translation>
        </message>
        <message>
            <source>Swap painting and erasing</source>
            <translation>Malen und Radieren tauschen</translation>
        </message>
        <message>
            <source>Swap the take and what it is compared with</source>
            <translation>Take und Vergleichs-Take tauschen</translation>
        </message>
        <message>
            <source>Technique</source>
            <translation>Technik</translation>
        </message>
        <message>
            <source>Theme: as the system</source>
            <translation>Design: wie das System</translation>
        </message>
        <message>
            <source>Theme: dark</source>
            <translation>Design: dunkel</translation>
        </message>
        <message>
            <source>Theme: high contrast</source>
            <translation>Design: hoher Kontrast</translation>
        </message>
        <message>
            <source>Theme: light</source>
            <translation>Design: hell</translation>
        </message>
        <message>
            <source>Throw a new seed</source>
            <translation>Neuen Seed würfeln</translation>
        </message>
        <message>
            <source>Tool</source>
            <translation>Werkzeug</translation>
        </message>
        <message>
            <source>Turn the layer by 90°</source>
            <translation>Ebene um 90° drehen</translation>
        </message>
        <message>
            <source>Turn the view back by 15°</source>
            <translation>Ansicht um 15° zurückdrehen</translation>
        </message>
        <message>
            <source>Turn the view by 15°</source>
            <translation>Ansicht um 15° drehen</translation>
        </message>
        <message>
            <source>Undo</source>
            <translation>Rückgängig</translation>
        </message>
        <message>
            <source>Undo the layer's scaling and turning</source>
            <translation>Skalierung und Drehung der Ebene zurücknehmen</translation>
        </message>
        <message>
            <source>Ungroup</source>
            <translation>Gruppierung aufheben</translation>
        </message>
        <message>
            <source>Unmark with a brush</source>
            <translation>Markierung mit dem Pinsel aufheben</translation>
        </message>
        <message>
            <source>Use the layer's settings</source>
            <translation>Einstellungen der Ebene verwenden</translation>
        </message>
        <message>
            <source>View</source>
            <translation>Ansicht</translation>
        </message>
        <message>
            <source>Words from the playhead on</source>
            <translation>Worte vom Abspielkopf an</translation>
        </message>
        <message>
            <source>Zoom in</source>
            <translation>Vergrößern</translation>
        </message>
        <message>
            <source>Zoom out</source>
            <translation>Verkleinern</translation>
        </message>
        <message>
            <source>Zoom to 100 %</source>
            <translation>Auf 100 % zoomen</translation>
        </message>
        <message>
            <source>a/b before after compare</source>
            <translation>a/b vorher nachher vergleichen</translation>
        </message>
        <message>
            <source>accept</source>
            <translation>übernehmen annehmen</translation>
        </message>
        <message>
            <source>accept keep</source>
            <translation>übernehmen annehmen behalten</translation>
        </message>
        <message>
            <source>accessibility</source>
            <translation>barrierefreiheit</translation>
        </message>
        <message>
            <source>actual pixels</source>
            <translation>originalgröße tatsächliche pixel</translation>
        </message>
        <message>
            <source>apply generate make render submit</source>
            <translation>anwenden generieren erzeugen machen rendern erstellen</translation>
        </message>
        <message>
            <source>before after split layer without</source>
            <translation>vorher nachher geteilt ebene ohne vergleich</translation>
        </message>
        <message>
            <source>brush eraser x</source>
            <translation>pinsel radierer radiergummi x</translation>
        </message>
        <message>
            <source>cancel abort</source>
            <translation>abbrechen anhalten</translation>
        </message>
        <message>
            <source>change prompt instruction</source>
            <translation>ändern prompt anweisung</translation>
        </message>
        <message>
            <source>clear deselect</source>
            <translation>leeren abwählen</translation>
        </message>
        <message>
            <source>clear in out</source>
            <translation>leeren in out</translation>
        </message>
        <message>
            <source>clipboard</source>
            <translation>zwischenablage</translation>
        </message>
        <message>
            <source>clipboard merged visible</source>
            <translation>zwischenablage sichtbar zusammen</translation>
        </message>
        <message>
            <source>collect consolidate media links move</source>
            <translation>sammeln zusammenführen medien verknüpfungen umziehen</translation>
        </message>
        <message>
            <source>copy ora as</source>
            <translation>kopie sichern als ora</translation>
        </message>
        <message>
            <source>cut razor blade</source>
            <translation>schneiden schnitt rasierklinge klinge</translation>
        </message>
        <message>
            <source>delete remove</source>
            <translation>löschen entfernen</translation>
        </message>
        <message>
            <source>deselect</source>
            <translation>abwählen nichts</translation>
        </message>
        <message>
            <source>edit point</source>
            <translation>schnittpunkt schnittmarke</translation>
        </message>
        <message>
            <source>erase remove</source>
            <translation>löschen entfernen radieren</translation>
        </message>
        <message>
            <source>exit close</source>
            <translation>schließen verlassen</translation>
        </message>
        <message>
            <source>expand larger dilate</source>
            <translation>vergrößern ausweiten wachsen</translation>
        </message>
        <message>
            <source>extend longer go on</source>
            <translation>verlängern länger weiter</translation>
        </message>
        <message>
            <source>flatten visible</source>
            <translation>sichtbare reduzieren vereinen verschmelzen</translation>
        </message>
        <message>
            <source>folder</source>
            <translation>ordner</translation>
        </message>
        <message>
            <source>fullscreen distraction focus</source>
            <translation>vollbild ablenkung fokus</translation>
        </message>
        <message>
            <source>import open add mp4 mov webm mkv gif sequence</source>
            <translation>importieren öffnen hinzufügen mp4 mov webm mkv gif sequenz bildfolge</translation>
        </message>
        <message>
            <source>import open file wav flac mp3 ogg</source>
            <translation>importieren öffnen datei wav flac mp3 ogg</translation>
        </message>
        <message>
            <source>import place drop load file</source>
            <translation>importieren platzieren laden datei hinzufügen</translation>
        </message>
        <message>
            <source>in point loop</source>
            <translation>in-punkt schleife</translation>
        </message>
        <message>
            <source>in point loop start</source>
            <translation>in-punkt schleife anfang</translation>
        </message>
        <message>
            <source>instruct grid picker</source>
            <translation>anweisung raster wählen</translation>
        </message>
        <message>
            <source>jkl pause</source>
            <translation>jkl pause anhalten</translation>
        </message>
        <message>
            <source>jkl shuttle reverse</source>
            <translation>jkl shuttle rückwärts rücklauf</translation>
        </message>
        <message>
            <source>jkl shuttle speed</source>
            <translation>jkl shuttle geschwindigkeit vorlauf</translation>
        </message>
        <message>
            <source>keep ora</source>
            <translation>sichern ablegen ora</translation>
        </message>
        <message>
            <source>keep use</source>
            <translation>behalten nehmen</translation>
        </message>
        <message>
            <source>keyframe</source>
            <translation>keyframe schlüsselbild</translation>
        </message>
        <message>
            <source>keys help</source>
            <translation>tasten hilfe kürzel</translation>
        </message>
        <message>
            <source>last</source>
            <translation>letztes ende</translation>
        </message>
        <message>
            <source>last project</source>
            <translation>letztes projekt verlauf</translation>
        </message>
        <message>
            <source>lift remove</source>
            <translation>herausheben lift entfernen</translation>
        </message>
        <message>
            <source>lineage history family parents children gallery difference</source>
            <translation>herkunft verlauf familie eltern kinder galerie unterschied</translation>
        </message>
        <message>
            <source>load file ora psd</source>
            <translation>laden datei ora psd</translation>
        </message>
        <message>
            <source>loop repeat</source>
            <translation>loop wiederholen</translation>
        </message>
        <message>
            <source>loop seamless round</source>
            <translation>loop schleife nahtlos rundherum</translation>
        </message>
        <message>
            <source>melody notes pitch</source>
            <translation>tune noten tonhöhe erkennen</translation>
        </message>
        <message>
            <source>merge down join combine</source>
            <translation>vereinen verschmelzen reduzieren nach unten</translation>
        </message>
        <message>
            <source>microphone</source>
            <translation>mikrofon</translation>
        </message>
        <message>
            <source>mirror horizontal</source>
            <translation>horizontal kippen</translation>
        </message>
        <message>
            <source>mirror vertical</source>
            <translation>vertikal kippen</translation>
        </message>
        <message>
            <source>more frames smooth rate slow motion</source>
            <translation>mehr flüssig bildrate zeitlupe zwischenbilder</translation>
        </message>
        <message>
            <source>move clip film video motion</source>
            <translation>bewegen clip film video bewegung</translation>
        </message>
        <message>
            <source>music rhythm tempo</source>
            <translation>musik rhythmus tempo takt taktschlag</translation>
        </message>
        <message>
            <source>next step</source>
            <translation>nächster schritt weiter</translation>
        </message>
        <message>
            <source>nudge</source>
            <translation>schubsen stupsen schritt</translation>
        </message>
        <message>
            <source>out point loop</source>
            <translation>out-punkt schleife</translation>
        </message>
        <message>
            <source>out point loop end</source>
            <translation>out-punkt schleife ende</translation>
        </message>
        <message>
            <source>outline edge band stroke</source>
            <translation>umriss kante kontur umrandung</translation>
        </message>
        <message>
            <source>paint with words regional prompt</source>
            <translation>mit worten malen prompt</translation>
        </message>
        <message>
            <source>palette search help</source>
            <translation>palette suche hilfe finden</translation>
        </message>
        <message>
            <source>preferences shortcuts keys theme language</source>
            <translation>optionen voreinstellungen tastenkürzel design sprache</translation>
        </message>
        <message>
            <source>previous step</source>
            <translation>voriger schritt</translation>
        </message>
        <message>
            <source>prompt focus</source>
            <translation>prompt fokus</translation>
        </message>
        <message>
            <source>prompt keyframe</source>
            <translation>prompt keyframe schlüsselbild</translation>
        </message>
        <message>
            <source>prompt parameters</source>
            <translation>prompt parameter</translation>
        </message>
        <message>
            <source>protect</source>
            <translation>schützen schloss</translation>
        </message>
        <message>
            <source>q show mask</source>
            <translation>q maske zeigen</translation>
        </message>
        <message>
            <source>quick mask black white</source>
            <translation>schnellmaske schwarz weiß</translation>
        </message>
        <message>
            <source>random dice</source>
            <translation>zufall würfel</translation>
        </message>
        <message>
            <source>record microphone melody voice</source>
            <translation>aufnehmen mikrofon singen stimme</translation>
        </message>
        <message>
            <source>reject</source>
            <translation>ablehnen</translation>
        </message>
        <message>
            <source>reject delete</source>
            <translation>ablehnen löschen</translation>
        </message>
        <message>
            <source>remove</source>
            <translation>entfernen</translation>
        </message>
        <message>
            <source>render save mp4 webm gif apng frames otio opentimelineio kdenlive</source>
            <translation>rendern speichern mp4 webm gif apng einzelbilder otio opentimelineio kdenlive</translation>
        </message>
        <message>
            <source>repeat regenerate</source>
            <translation>wiederholen neu erzeugen</translation>
        </message>
        <message>
            <source>reset rotation canvas</source>
            <translation>drehung zurücksetzen leinwand</translation>
        </message>
        <message>
            <source>reset transform</source>
            <translation>transformation zurücksetzen</translation>
        </message>
        <message>
            <source>reset workspace docks</source>
            <translation>arbeitsbereich docks anordnung</translation>
        </message>
        <message>
            <source>resume hold</source>
            <translation>pause fortsetzen</translation>
        </message>
        <message>
            <source>rewind first</source>
            <translation>zurückspulen erstes</translation>
        </message>
        <message>
            <source>rewind home</source>
            <translation>zurückspulen pos1</translation>
        </message>
        <message>
            <source>ripple remove</source>
            <translation>ripple entfernen aufrücken</translation>
        </message>
        <message>
            <source>rotate canvas</source>
            <translation>leinwand rotieren</translation>
        </message>
        <message>
            <source>rotate clockwise</source>
            <translation>rotieren uhrzeigersinn</translation>
        </message>
        <message>
            <source>round corners clean</source>
            <translation>abrunden ecken</translation>
        </message>
        <message>
            <source>save png jpeg webp avif tiff psd file</source>
            <translation>speichern sichern png jpeg webp avif tiff psd datei</translation>
        </message>
        <message>
            <source>save wav flac mp3 ogg loudness normalise</source>
            <translation>speichern wav flac mp3 ogg lautheit normalisieren</translation>
        </message>
        <message>
            <source>select</source>
            <translation>auswählen</translation>
        </message>
        <message>
            <source>select all region</source>
            <translation>auswählen alles region</translation>
        </message>
        <message>
            <source>selection from alpha opaque</source>
            <translation>auswahl aus alpha deckend</translation>
        </message>
        <message>
            <source>side by side edits map changed</source>
            <translation>nebeneinander änderungen karte</translation>
        </message>
        <message>
            <source>silence mute delete</source>
            <translation>stille stumm löschen</translation>
        </message>
        <message>
            <source>sketch fast follow instant realtime</source>
            <translation>skizze schnell folgen sofort echtzeit</translation>
        </message>
        <message>
            <source>sketch follow brush painting</source>
            <translation>skizze folgen pinsel malen</translation>
        </message>
        <message>
            <source>slip</source>
            <translation>slip inhalt</translation>
        </message>
        <message>
            <source>slow fast retime</source>
            <translation>langsam schnell geschwindigkeit zeitlupe zeitraffer</translation>
        </message>
        <message>
            <source>smaller contract erode</source>
            <translation>schrumpfen kleiner</translation>
        </message>
        <message>
            <source>soft blur edge</source>
            <translation>weich unschärfe kante</translation>
        </message>
        <message>
            <source>stop listen</source>
            <translation>stopp hören play</translation>
        </message>
        <message>
            <source>stop start</source>
            <translation>stopp start play</translation>
        </message>
        <message>
            <source>technique method</source>
            <translation>technik verfahren methode</translation>
        </message>
        <message>
            <source>tool</source>
            <translation>werkzeug</translation>
        </message>
        <message>
            <source>track</source>
            <translation>track tonspur</translation>
        </message>
        <message>
            <source>track music voice</source>
            <translation>track tonspur musik stimme</translation>
        </message>
        <message>
            <source>track overlay title</source>
            <translation>track überlagerung titel</translation>
        </message>
        <message>
            <source>trim in</source>
            <translation>trimmen kürzen in</translation>
        </message>
        <message>
            <source>trim out</source>
            <translation>trimmen kürzen out</translation>
        </message>
        <message>
            <source>undo list</source>
            <translation>rückgängig liste protokoll</translation>
        </message>
        <message>
            <source>upscale super resolution</source>
            <translation>hochskalieren superauflösung größer</translation>
        </message>
        <message>
            <source>version licence</source>
            <translation>version lizenz</translation>
        </message>
        <message>
            <source>what does it do how explain settings</source>
            <translation>was macht es wie erklären einstellungen</translation>
        </message>
    </context>
</TS>
