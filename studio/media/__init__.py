"""Files <-> clips, and what files say about how they were made. No torch, no Qt."""
