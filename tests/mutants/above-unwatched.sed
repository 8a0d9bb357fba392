# Only the directory of a file is looked at, none above it.
# file: src/core/trust.cpp
# caught by: whoever may rename a directory far above a file may change it
s/who_could_change(as_directory(info)); !who.empty())/& \&\& rest.find('\/') == std::string::npos)/
s/as_directory(info) : info); !who.empty())/& \&\& rest.find('\/') == std::string::npos)/
s/!who.empty()) && rest.find('\/') == std::string::npos)/!who.empty() \&\& rest.find('\/') == std::string::npos)/
