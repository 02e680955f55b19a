package main

import (
	"os"
	"reflect"
	"regexp"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestConfigDefaults(t *testing.T) {
	cfg, err := readConfig()
	require.NoError(t, err)
	assert.Equal(t, config{Addr: ":8080", DataDir: ".data", DemoSessionTTL: positiveTime(168 * time.Hour), LogFormat: "text", DemoQuota: 64 << 20, DemoSessions: 10000, InflightBytes: 256 << 20, ImportBytes: 1 << 30, RateLimit: 1200}, cfg)
}

func TestConfigValues(t *testing.T) {
	t.Setenv("TRUSTED_PROXIES", "10.0.0.0/8, 192.0.2.1,::1")
	t.Setenv("CORS_ORIGIN", "https://app.example.com, http://localhost:3000")
	cfg, err := readConfig()
	require.NoError(t, err)
	var networks []string
	for _, n := range cfg.trustedProxies() {
		networks = append(networks, n.String())
	}
	assert.Equal(t, []string{"10.0.0.0/8", "192.0.2.1/32", "::1/128"}, networks)
	assert.Equal(t, []string{"https://app.example.com", "http://localhost:3000"}, cfg.corsOrigins())
}

func TestConfigNamesEveryBadVariable(t *testing.T) {
	bad := map[string]string{
		"TRUSTED_PROXIES": "10.0.0.0/33", "CORS_ORIGIN": "ftp://files.example.com", "DEMO_SESSION_TTL": "-1h", "SHUTDOWN_DELAY": "-1s", "DEMO_QUOTA": "64", "CUSTOMER_QUOTA": "0GB", "DEMO_SESSIONS": "many", "INFLIGHT_BYTES": "127MB", "IMPORT_BYTES": "1TB", "RATE_LIMIT_PER_MINUTE": "-1", "LOG_LEVEL": "loud", "LOG_FORMAT": "xml",
	}
	for name, value := range bad {
		t.Setenv(name, value)
	}
	_, err := readConfig()
	for name, value := range bad {
		assert.ErrorContains(t, err, name+": must be")
		assert.NotContains(t, err.Error(), value)
	}
}

// The README's table is all that can be set, with the right defaults.
func TestTheREADMEListsTheConfiguration(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	require.NoError(t, err)
	listed := map[string]string{}
	for _, row := range regexp.MustCompile("(?m)^\\| `([A-Z_]+)` \\| (?:`([^`]*)`|–) \\|").FindAllStringSubmatch(string(readme), -1) {
		listed[row[1]] = row[2]
	}
	actual := map[string]string{}
	for field := range reflect.TypeFor[config]().Fields() {
		actual[field.Tag.Get("env")] = field.Tag.Get("envDefault")
	}
	assert.Equal(t, actual, listed)
}
