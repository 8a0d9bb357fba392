# An odd base port is taken.
# file: src/core/ports.cpp
# caught by: an odd or impossible port is refused by name
s|endpoint.port % 2 != 0|false|
