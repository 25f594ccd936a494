"""The queue of jobs, the engine processes that run them, and the files they end up in. Qt yes, torch never."""
