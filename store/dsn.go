package store

import (
	"cmp"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/lib/pq"
)

const (
	// A host that does not answer is given up after so long; of several hosts sooner, so that there is time for another one.
	connectTimeout     = 5 * time.Second
	connectListTimeout = 2 * time.Second
)

// errConnectionString tells nothing of the string: it may hold a password, and lib/pq's own errors may quote it.
var errConnectionString = errors.New("DATABASE_URL is not a PostgreSQL connection string (postgres://user:password@host:5432/database)")

// readDSN reads a connection string. Of several hosts, the one that takes writes is looked for, unless the string says otherwise.
func readDSN(dsn string) (pq.Config, error) {
	keywords, err := asKeywords(dsn)
	if err != nil {
		return pq.Config{}, errConnectionString
	}
	cfg, err := pq.NewConfig(keywords)
	if err != nil {
		return pq.Config{}, errConnectionString
	}
	if cfg.Runtime == nil {
		cfg.Runtime = map[string]string{}
	}
	cfg.ApplicationName = cmp.Or(cfg.ApplicationName, "structural")
	if len(cfg.Multi) > 0 {
		cfg.TargetSessionAttrs = cmp.Or(cfg.TargetSessionAttrs, pq.TargetSessionAttrsReadWrite)
		cfg.ConnectTimeout = cmp.Or(cfg.ConnectTimeout, connectListTimeout)
	}
	cfg.ConnectTimeout = cmp.Or(cfg.ConnectTimeout, connectTimeout)
	return cfg, nil
}

// asKeywords turns a postgres:// URL into the keyword form. lib/pq reads URLs itself, but none with several hosts or a bare
// IPv6 address.
func asKeywords(dsn string) (string, error) {
	rest, found := strings.CutPrefix(dsn, "postgres://")
	if !found {
		if rest, found = strings.CutPrefix(dsn, "postgresql://"); !found {
			return dsn, nil
		}
	}
	end := len(rest)
	if i := strings.IndexAny(rest, "/?"); i >= 0 {
		end = i
	}
	authority, rest := rest[:end], rest[end:]
	path, query, _ := strings.Cut(rest, "?")

	set := map[string]string{}
	var problems []error
	decode := func(key, value string) {
		text, err := url.PathUnescape(value)
		problems = append(problems, err)
		if text != "" {
			set[key] = text
		}
	}
	if at := strings.LastIndex(authority, "@"); at >= 0 {
		user, password, _ := strings.Cut(authority[:at], ":")
		decode("user", user)
		decode("password", password)
		authority = authority[at+1:]
	}
	hosts, ports, err := splitHosts(authority)
	problems = append(problems, err)
	decode("host", hosts)
	decode("port", ports)
	decode("dbname", strings.TrimPrefix(path, "/"))
	values, err := url.ParseQuery(query)
	problems = append(problems, err)
	for key := range values {
		if value := values.Get(key); value != "" {
			set[key] = value
		}
	}
	if err := errors.Join(problems...); err != nil {
		return "", err
	}
	var b strings.Builder
	quoter := strings.NewReplacer(`\`, `\\`, `'`, `\'`)
	for key, value := range set {
		if strings.ContainsAny(key, " ='") {
			return "", fmt.Errorf("no such parameter: %q", key)
		}
		fmt.Fprintf(&b, "%s='%s' ", key, quoter.Replace(value))
	}
	return b.String(), nil
}

// splitHosts splits "a:5432,[::1]:5433" into "a,::1" and "5432,5433"; where no host has a port, there are none.
func splitHosts(list string) (hosts, ports string, err error) {
	var hostList, portList []string
	for entry := range strings.SplitSeq(list, ",") {
		host, port := entry, ""
		if bracketed, found := strings.CutPrefix(entry, "["); found {
			var after string
			if host, after, found = strings.Cut(bracketed, "]"); !found {
				return "", "", errors.New("missing ]")
			}
			if port, found = strings.CutPrefix(after, ":"); !found && after != "" {
				return "", "", errors.New("no port")
			}
		} else if i := strings.Index(entry, ":"); i >= 0 {
			host, port = entry[:i], entry[i+1:]
			if strings.Contains(port, ":") {
				return "", "", errors.New("an IPv6 address needs brackets")
			}
		}
		hostList, portList = append(hostList, host), append(portList, port)
	}
	if slices.ContainsFunc(portList, func(port string) bool { return port != "" }) {
		for i, port := range portList {
			portList[i] = cmp.Or(port, "5432")
		}
		ports = strings.Join(portList, ",")
	}
	return strings.Join(hostList, ","), ports, nil
}

// probeLimit is a limit on a statement that nobody else sets.
func probeLimit() time.Duration {
	return statementTimeout + time.Duration(rand.IntN(5000))*time.Millisecond
}
