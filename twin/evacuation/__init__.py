"""Getting everybody out: how long it takes, where they queue, and what that hangs on."""
