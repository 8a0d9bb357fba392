# The new name of a file is not written out.
# file: src/core/files.cpp
# caught by: a file that is to outlive the boot is written out before it has its name, and its name after that
s/if (!dir || fsync(dir.get()) != 0) {/if (!dir) {/
