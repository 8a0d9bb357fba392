# A link in the place of a file of ours is followed.
# file: src/core/trust.cpp
# caught by: a file that others can write is not believed, nor is a link
s/O_RDONLY | O_NOFOLLOW | O_NONBLOCK/O_RDONLY | O_NONBLOCK/
