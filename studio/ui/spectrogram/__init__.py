"""Sound seen as a spectrogram: tiles that are computed when they are looked at, what is painted on them, and playing."""
