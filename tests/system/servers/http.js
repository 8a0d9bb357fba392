// SPDX-FileCopyrightText: The twinctl authors
// SPDX-License-Identifier: BSD-2-Clause
//
// A server on the listening sockets that it is handed: descriptors 3 and up. SIGHUP closes them, and
// each client is told with its answer that its connection ends; SIGTERM ends the process.
const http = require('http');
const net = require('net');

const answer = (request, response) => {
	if (hungUp) response.setHeader('Connection', 'close');
	response.end(`version=${process.env.TWIN_NAME}\n`);
};
const servers = Array.from({ length: Number(process.env.LISTEN_FDS) }, () => http.createServer(answer));
let hungUp = false;

process.on('SIGHUP', () => {
	hungUp = true;
	// An HTTP server's own close() also cuts connections that are idle, with a request on its way.
	servers.forEach((server) => net.Server.prototype.close.call(server));
	// Without anything open Node would end by itself.
	setInterval(() => {}, 60000);
});
process.on('SIGTERM', () => process.exit(0));
servers.forEach((server, i) => server.listen({ fd: 3 + i }));
