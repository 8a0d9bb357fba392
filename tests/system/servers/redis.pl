#!/usr/bin/perl
# SPDX-FileCopyrightText: The twinctl authors
# SPDX-License-Identifier: BSD-2-Clause
#
# usage: redis.pl PORT CLIENTS COMMANDS UNTIL-FILE
# Clients of a Redis on 127.0.0.1 that send PING, SET and GET until the file is there, and open a
# new connection after that many commands; 0: never. Prints what was sent and lost, and exits 1 if
# anything was lost.
use strict;
use warnings;
use IO::Socket::INET;

my ($port, $clients, $commands, $until) = @ARGV;
$SIG{PIPE} = 'IGNORE';

sub connect_to_redis {
	return IO::Socket::INET->new(PeerAddr => "127.0.0.1:$port", Timeout => 5);
}

# The reply, or undef: a status line or a bulk string, without its frame.
sub ask {
	my ($socket, @words) = @_;
	local $SIG{ALRM} = sub { die "timeout\n" };
	my $answer = eval {
		alarm 5;
		print {$socket} '*' . @words . "\r\n", map { '$' . length($_) . "\r\n$_\r\n" } @words
			or die "write: $!\n";
		$socket->flush;
		my $line = <$socket> // die "closed\n";
		$line = <$socket> // die "closed\n" if $line =~ /^\$\d/;
		$line =~ s/\r\n\z// or die "cut short\n";
		$line;
	};
	alarm 0;
	return $answer;
}

sub run_client {
	my ($report) = @_;
	my ($sent, $lost, %why, $socket, $left, $stored) = (0, 0);
	until (-e $until) {
		if (!$socket || $left-- == 0) {
			$socket = connect_to_redis();
			$left = $commands - 1;
			undef $stored;
		}
		my $round = int($sent / 3);
		my @command = (['PING'], ['SET', "key$$", $round], ['GET', "key$$"])[$sent % 3]->@*;
		my $reply = $socket ? ask($socket, @command) : undef;
		my $problem = defined $reply ? '' : $socket ? $@ : "connect: $!";
		# What another connection has stored may be at another twin.
		my %wanted = (PING => '\+PONG', SET => '\+OK', GET => $stored // '(\$-1|\d+)');
		$problem ||= "answer $reply" unless defined $reply && $reply =~ /^$wanted{$command[0]}\z/;
		$stored = $round if $command[0] eq 'SET';
		$sent++;
		if ($problem) {
			chomp $problem;
			$lost++;
			$why{$problem}++;
			undef $socket;
		}
		select undef, undef, undef, 0.002;
	}
	print {$report} join("\t", $sent, $lost, map { "$_ x $why{$_}" } sort keys %why), "\n";
}

pipe my $results, my $report or die "pipe: $!";
for (1 .. $clients) {
	if (!(fork // die "fork: $!")) {
		run_client($report);
		exit;
	}
}
close $report;
my ($sent, $lost, @why) = (0, 0);
while (<$results>) {
	chomp;
	my ($s, $l, @w) = split /\t/;
	$sent += $s;
	$lost += $l;
	push @why, @w;
}
print join(', ', "sent $sent", "lost $lost", @why), "\n";
exit($lost || !$sent ? 1 : 0);
