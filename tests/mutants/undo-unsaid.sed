# The undo of a hang-up that was refused is not written down before it begins.
# file: src/twinctl/swap.cpp
# caught by: a swap that is killed while it is undone is undone, even if its hang-up was the step it had come to
s/^    note_undoing();$//
