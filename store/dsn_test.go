package store

import (
	"testing"
	"time"

	"github.com/lib/pq"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestConnectionStrings(t *testing.T) {
	type hosts = []pq.ConfigMultihost
	for dsn, want := range map[string]pq.Config{
		"postgres://u:p@a/db":                          {Host: "a", Port: 5432, User: "u", Password: "p", Database: "db"},
		"postgresql://u@a:6432/db?sslmode=disable":     {Host: "a", Port: 6432, User: "u", Database: "db", SSLMode: "disable"},
		"postgres://u:p%40s%2Fs%3A%23%27%5C%20x@a/db":  {Host: "a", Port: 5432, User: "u", Password: `p@s/s:#'\ x`, Database: "db"},
		"postgres://u:p@ss:w+rd@a/db":                  {Host: "a", Port: 5432, User: "u", Password: "p@ss:w+rd", Database: "db"},
		"postgres://u@[::1]/db":                        {Host: "::1", Port: 5432, User: "u", Database: "db"},
		"postgres://u@[fd00::1]:6432/db":               {Host: "fd00::1", Port: 6432, User: "u", Database: "db"},
		"postgres://u@%2Fvar%2Frun/db":                 {Host: "/var/run", Port: 5432, User: "u", Database: "db", SSLMode: "disable"},
		"postgres://u@/db?host=/var/run&port=6432":     {Host: "/var/run", Port: 6432, User: "u", Database: "db", SSLMode: "disable"},
		"host=a user=u dbname=db":                      {Host: "a", Port: 5432, User: "u", Database: "db"},
		"postgres://u@a:5432,b:5433/db":                {Host: "a", Port: 5432, User: "u", Database: "db", Multi: hosts{{Host: "b", Port: 5433}}, TargetSessionAttrs: "read-write"},
		"postgres://u:p@[::1]:1,b/db":                  {Host: "::1", Port: 1, User: "u", Password: "p", Database: "db", Multi: hosts{{Host: "b", Port: 5432}}, TargetSessionAttrs: "read-write"},
		"postgres://u@a,b/db?target_session_attrs=any": {Host: "a", Port: 5432, User: "u", Database: "db", Multi: hosts{{Host: "b", Port: 5432}}, TargetSessionAttrs: "any"},
	} {
		cfg, err := readDSN(dsn)
		require.NoError(t, err, dsn)
		assert.Equal(t, want.Host, cfg.Host, dsn)
		assert.Equal(t, want.Port, cfg.Port, dsn)
		assert.Equal(t, want.User, cfg.User, dsn)
		assert.Equal(t, want.Password, cfg.Password, dsn)
		assert.Equal(t, want.Database, cfg.Database, dsn)
		assert.Equal(t, want.SSLMode, cfg.SSLMode, dsn)
		assert.Equal(t, want.Multi, cfg.Multi, dsn)
		assert.Equal(t, want.TargetSessionAttrs, cfg.TargetSessionAttrs, dsn)
		timeout := 5 * time.Second
		if want.Multi != nil {
			timeout = 2 * time.Second
		}
		assert.Equal(t, timeout, cfg.ConnectTimeout, dsn)
	}
	for _, dsn := range []string{
		"postgres://u:hunter2@[::1/db", "postgres://u:hunter2@::1/db", "postgres://u:hunter2%zz@a/db", "postgres://u:hunter2@a:x/db",
		"postgres://u:hunter2@a:1,b:2,c:70000/db", "postgres://u:hunter2@a/db?%zz", "postgres://u:hunter2@a/db?x y=1", "password=hunter2 'x",
		"postgres://u:hunter2@a/db?sslmode=hunter2",
	} {
		_, err := readDSN(dsn)
		assert.ErrorIs(t, err, errConnectionString, dsn)
	}
}
