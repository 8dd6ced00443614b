"""The manual page of config.toml, and the files that more than one page names."""

FILES = r""".Sh FILES
.Bl -tag -width Ds
.It Pa ~/.config/gamify/config.toml
The configuration.
.Ev XDG_CONFIG_HOME
moves
.Pa ~/.config .
.It Pa ~/.config/gamify/keys/ Ns Ar NAME Ns Pa .key
The key to the server of a profile, where no keyring has it.
.It Pa ~/.local/share/gamify/gamify.db
The store of the profile
.Qq local .
.Ev XDG_DATA_HOME
moves
.Pa ~/.local/share .
.It Pa ~/.local/state/gamify/
The newest 20 reports of crashes;
.Ev XDG_STATE_HOME
moves them.
.El
.Pp
On macOS all are in
.Pa ~/Library/Application Support/gamify ."""

CONFIG = r"""
.Sh NAME
.Nm gamify-config
.Nd the configuration file of gamify, config.toml
.Sh DESCRIPTION
.Xr gamify 1
reads this file where a command needs a store or a server, and for the defaults of options.
.Ic gamify profiles
and
.Ic gamify config
edit it, and keep its comments.
It is TOML; without it everything has a default.
A file that cannot be read or is not TOML is an error, exit code 2.
These are its keys; others are ignored:
.Bl -tag -width Ds
.It Ic default_profile Li = Qq Ar NAME
The connection profile to use where none is chosen.
The default is
.Qq local .
.It Ic output , color , timeout , jobs , no_input
Defaults of the options with these names:
texts for the first two, numbers for the next two,
.Cm true
or
.Cm false
for the last.
An option or its environment variable wins.
They hold where a connection profile is used; a store that is chosen by its path leaves them unread.
.It Ic [profiles. Ns Ar NAME Ns Ic \&]
A connection profile.
The profile
.Qq local
exists even if it is not in the file.
.It Ic store Li = Qq Ar STORE
In a profile: the path of its store file, or the URL of a PostgreSQL database.
A leading ~ stands for the home directory; other relative paths start at the current directory.
A URL begins with
.Li postgresql://
and is as
.Xr psql 1
takes it, with several hosts and
.Li options=
if need be, but it may hold no password: that is taken from
.Pa ~/.pgpass ,
.Ev PGPASSFILE ,
.Ev PGPASSWORD
or a service.
The store is in the namespace
.Qq gamify ,
unless the options set another
.Li search_path .
The default is the file
.Pa gamify.db
in the folder for data, see
.Sx FILES .
.It Ic url Li = Qq Ar URL
In a profile: the base of the API of a server, instead of a store.
Plain http is for servers on the same machine alone.
.It Ic protected Li = Cm true
In a profile: a write needs its name, typed at a prompt or given by
.Fl \-confirm .
.It Ic [profiles. Ns Ar NAME Ns Ic .key]
Where the key to the server comes from.
Without it that is the environment variable
.Ev GAMIFY_API_KEY .
.It Ic source Li = Qq Ar SOURCE
Of a key:
.Cm keyring ,
.Cm command ,
.Cm file
or
.Cm env .
A keyring has 3 seconds to answer, a command 10.
.It Ic command Li = [ Ns Qo Ar WORD Qc , ... Ns Li \&]
Of a key: the command whose first line of output is the key.
No shell runs it.
.It Ic path Li = Qq Ar PATH
Of a key: a file of your own that holds it, from the folder of this file on.
Nobody else may be able to open it.
.It Ic origin Li = Qq Ar ORIGIN
Of a key: scheme, host and port of the server that it may be sent to.
A key that gamify put away has its origin beside it;
one from a command or a file of your own is sent nowhere without this.
.El
.Pp
The first of these that is there chooses the store:
.Bl -enum
.It
the option
.Fl \-profile
or
.Fl \-store ;
giving both is an error
.It
the environment variable
.Ev GAMIFY_PROFILE
or
.Ev GAMIFY_STORE ;
setting both is an error
.It
.Ic default_profile
.It
the profile
.Qq local
.El
.Sh ENVIRONMENT
.Bl -tag -width Ds
.It Ev GAMIFY_CONFIG
Another path for this file.
.El
@FILES@
.Sh EXAMPLES
.Bd -literal -offset indent
default_profile = \(dqteam\(dq

[profiles.team]
store = \(dq~/team/gamify.db\(dq

[profiles.shop]
store = \(dqpostgresql://gamify@db1,db2/shop\(dq

[profiles.prod]
url = \(dqhttps://gamify.example.com/api/v1/gamify\(dq
protected = true

[profiles.prod.key]
source = \(dqcommand\(dq
command = [\(dqpass\(dq, \(dqshow\(dq, \(dqgamify/prod\(dq]
origin = \(dqhttps://gamify.example.com\(dq
.Ed
.Sh SEE ALSO
.Xr gamify 1
"""
