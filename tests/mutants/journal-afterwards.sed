# A step is written down when it has been taken.
# file: src/twinctl/swap.cpp
# caught by: each step is in the journal before it is taken
/^void Swap::enter/,/^}/s/    world_.notebook.write_journal(journal_);//
/^void Swap::leave(/,/^}/s/    outcome_.phases_ms/    world_.notebook.write_journal(journal_);\n&/
