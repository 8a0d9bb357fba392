# A process is known by its pid alone.
# file: src/core/process.cpp
# caught by: a pid that another process has got is another process
s/process_at(process.pid) == process;/process_at(process.pid).has_value();/
