# A new twin that failed is left where it is.
# file: src/twinctl/swap.cpp
# caught by: swap leaves the old twin running when the new one never becomes ready
s/const bool stopped = stop_new(output);/const bool stopped = true;/
