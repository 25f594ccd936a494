"""The Film workspace: the stage that shows and plays the film, the timeline on which it is cut, and what is said about the chosen clip."""
