"""The sans-IO half of the IMAP server.

Bytes go into `machine.ImapMachine.receive`, events come out of `next_event`, and the bytes that
the machine itself wants to say come out of `take_output`. Nothing here opens a socket, reads a
clock or touches a file.

The rooms: `fragments` cuts the stream into lines and literals, `lexer` reads one command, `state`
holds which command is legal when, one file per command holds its shape and grammar, `table` lists
them, `responses` builds what is sent.
"""
