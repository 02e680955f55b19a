package embedded

import "strings"

// settings is the server's command line. Settings stand here rather than in the cluster's postgresql.conf, so that a
// new version of the program brings its own to data that exists.
func (s *Server) settings() []string {
	settings := []string{
		"unix_socket_directories=" + quoteSetting(s.socket.path),
		"unix_socket_permissions=0700",
		"listen_addresses=",
		"port=" + port,

		"max_connections=200",
		"shared_buffers=128MB",
		"timezone=UTC",
		"log_timezone=UTC",

		// What is logged names no row values and no statements; serverLog takes care of the rest.
		"logging_collector=off",
		"log_destination=stderr",
		"log_line_prefix=" + logLinePrefix,
		"log_min_messages=warning",
		"log_min_error_statement=panic",
		"log_error_verbosity=terse",
		"lc_messages=C",
	}
	if s.fast {
		settings = append(settings,
			"fsync=off", "synchronous_commit=off", "full_page_writes=off", "autovacuum=off",
			"wal_level=minimal", "max_wal_senders=0")
	} else {
		settings = append(settings, "fsync=on", "synchronous_commit=on", "full_page_writes=on")
	}
	args := []string{"-D", s.place.cluster()}
	for _, setting := range settings {
		args = append(args, "-c", setting)
	}
	return args
}

// quoteSetting quotes an element of a list setting, so that a path may hold spaces.
func quoteSetting(value string) string {
	return `"` + strings.ReplaceAll(value, `"`, `""`) + `"`
}
