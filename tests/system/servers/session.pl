#!/usr/bin/perl
# SPDX-FileCopyrightText: The twinctl authors
# SPDX-License-Identifier: BSD-2-Clause
#
# usage: session.pl SESSIONS UNTIL-FILE COMMAND...
# Keeps sessions of COMMAND open, which has to give back each line it is given, and exchanges lines
# with all of them until the file is there. Prints how many there were, and exits 1 if a session
# ended before, or at its end did not exit 0.
use strict;
use warnings;
use IO::Handle;
use IO::Select;
use IPC::Open2;

my ($sessions, $until, @command) = @ARGV;
$SIG{PIPE} = 'IGNORE';
my ($lines, @broken) = (0);
my @open = map {
	my $pid = open2(my $from, my $to, @command);
	$to->autoflush;
	{number => $_, pid => $pid, from => $from, to => $to}
} 1 .. $sessions;

sub exchange {
	my ($session, $text) = @_;
	print {$session->{to}} "$text\n" or return "cannot be written to: $!";
	IO::Select->new($session->{from})->can_read(10) or return 'did not answer';
	my $answer = readline $session->{from};
	return 'ended' unless defined $answer;
	return $answer eq "$text\n" ? '' : "answered $answer";
}

while (@open && !-e $until) {
	for my $session (@open) {
		my $problem = exchange($session, $lines++);
		push @broken, "session $session->{number} $problem" if $problem;
		$session->{broken} = $problem;
	}
	@open = grep { !$_->{broken} } @open;
	select undef, undef, undef, 0.02;
}
for my $session (@open) {
	close $session->{to};
	waitpid $session->{pid}, 0;
	push @broken, "session $session->{number} exited $?" if $?;
}
print join(', ', "sent $lines", 'lost ' . @broken, @broken), "\n";
exit(@broken || !$lines ? 1 : 0);
