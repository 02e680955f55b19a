package main

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/caarlos0/env/v11"

	"structural.app/structural/app"
	"structural.app/structural/canonical"
	"structural.app/structural/telemetry"
)

// config is all that can be set, by environment variables. The README's table lists the same.
type config struct {
	Addr           string        `env:"ADDR" envDefault:":8080"`
	DatabaseURL    secret        `env:"DATABASE_URL"`
	DataDir        string        `env:"DATA_DIR" envDefault:".data"`
	RedisURL       secret        `env:"REDIS_URL"`
	TrustedProxies []ipNetwork   `env:"TRUSTED_PROXIES"`
	CORSOrigin     []origin      `env:"CORS_ORIGIN"`
	DemoSessionTTL positiveTime  `env:"DEMO_SESSION_TTL" envDefault:"168h"`
	DemoQuota      quota         `env:"DEMO_QUOTA" envDefault:"64MB"`
	CustomerQuota  quota         `env:"CUSTOMER_QUOTA" envDefault:"0"`
	DemoSessions   limitCount    `env:"DEMO_SESSIONS" envDefault:"10000"`
	ShutdownDelay  delay         `env:"SHUTDOWN_DELAY" envDefault:"0s"`
	MetricsAddress string        `env:"METRICS_ADDRESS"`
	ExchangeRates  exchangeRates `env:"EXCHANGE_RATES"`
	InflightBytes  byteSize      `env:"INFLIGHT_BYTES" envDefault:"256MB"`
	ImportBytes    importSize    `env:"IMPORT_BYTES" envDefault:"1GB"`
	RateLimit      limitCount    `env:"RATE_LIMIT_PER_MINUTE" envDefault:"1200"`
	LogLevel       logLevel      `env:"LOG_LEVEL" envDefault:"info"`
	LogFormat      logFormat     `env:"LOG_FORMAT" envDefault:"text"`
}

// readConfig reads the environment. The error names every variable with a bad value, and what it takes.
func readConfig() (config, error) {
	var cfg config
	err := env.Parse(&cfg)
	if err == nil {
		if _, _, err := net.SplitHostPort(cfg.Addr); err != nil {
			return cfg, errors.New("ADDR: must be [host]:port, such as :8080 or 127.0.0.1:8080")
		}
		if _, _, err := net.SplitHostPort(cfg.MetricsAddress); err != nil && cfg.MetricsAddress != "" {
			return cfg, errors.New("METRICS_ADDRESS: must be [host]:port, such as :9090 or 127.0.0.1:9090")
		}
		return cfg, nil
	}
	aggregate, ok := errors.AsType[env.AggregateError](err)
	if !ok {
		return cfg, err
	}
	var problems []string
	for _, err := range aggregate.Errors {
		parse, ok := errors.AsType[env.ParseError](err)
		if !ok {
			return cfg, err
		}
		field, _ := reflect.TypeFor[config]().FieldByName(parse.Name)
		problems = append(problems, field.Tag.Get("env")+": "+parse.Err.Error())
	}
	return cfg, errors.New(strings.Join(problems, "\n"))
}

// logger writes to standard error, lines of 8 KB at the most.
func (c config) logger() *slog.Logger {
	options := &slog.HandlerOptions{Level: slog.Level(c.LogLevel)}
	if c.LogFormat == "json" {
		return slog.New(telemetry.BoundLog(slog.NewJSONHandler(os.Stderr, options)))
	}
	return slog.New(telemetry.BoundLog(slog.NewTextHandler(os.Stderr, options)))
}

// secret is a URL that may hold a password: it is never printed.
type secret string

// String hides the value.
func (secret) String() string { return "(secret)" }

// ipNetwork is a network in CIDR form, or one address.
type ipNetwork net.IPNet

// UnmarshalText reads "10.0.0.0/8", "fd00::/8", "192.0.2.1" or "::1".
func (n *ipNetwork) UnmarshalText(text []byte) error {
	s := strings.TrimSpace(string(text))
	if ip := net.ParseIP(s); ip != nil {
		bits := 128
		if ip.To4() != nil {
			bits = 32
		}
		s = fmt.Sprintf("%s/%d", ip, bits)
	}
	_, network, err := net.ParseCIDR(s)
	if err != nil {
		return errors.New("must be addresses or networks separated by commas, such as 10.0.0.0/8,192.0.2.1")
	}
	*n = ipNetwork(*network)
	return nil
}

// origin is a web origin as browsers send it (RFC 6454, section 6.1), or "*".
type origin string

// UnmarshalText reads "https://app.example.com" or "*".
func (o *origin) UnmarshalText(text []byte) error {
	s := strings.TrimSpace(string(text))
	scheme, host, found := strings.Cut(s, "://")
	if s != "*" && (!found || (scheme != "http" && scheme != "https") || host == "" || strings.ContainsAny(host, "/?#@ *")) {
		return errors.New("must be origins separated by commas, such as https://app.example.com, or *")
	}
	*o = origin(s)
	return nil
}

// positiveTime is a duration longer than zero.
type positiveTime time.Duration

// UnmarshalText reads "168h" or "90m".
func (d *positiveTime) UnmarshalText(text []byte) error {
	value, err := time.ParseDuration(string(text))
	if err != nil || value <= 0 {
		return errors.New("must be a duration longer than zero, such as 168h or 90m")
	}
	*d = positiveTime(value)
	return nil
}

// delay is a duration that may be zero.
type delay time.Duration

// UnmarshalText reads "10s" or "0s".
func (d *delay) UnmarshalText(text []byte) error {
	value, err := time.ParseDuration(string(text))
	if err != nil || value < 0 {
		return errors.New("must be a duration, such as 10s, or 0s for none")
	}
	*d = delay(value)
	return nil
}

// byteSize is a number of bytes.
type byteSize int64

// UnmarshalText reads "256MB" or "1GB", powers of 1024. A customer has half of it, and a request of 1 MiB alone needs 64 MB.
func (b *byteSize) UnmarshalText(text []byte) error {
	n, err := readSize(string(text))
	if err != nil || n < 128<<20 {
		return errors.New("must be at least 128MB, such as 256MB or 1GB")
	}
	*b = byteSize(n)
	return nil
}

// importSize is a number of bytes.
type importSize int64

// UnmarshalText reads "64MB" or "1GB", powers of 1024.
func (s *importSize) UnmarshalText(text []byte) error {
	n, err := readSize(string(text))
	if err != nil || n == 0 {
		return errors.New("must be a size in MB or GB, such as 1GB")
	}
	*s = importSize(n)
	return nil
}

// quota is a number of bytes that may be 0, which is without a limit.
type quota int64

// UnmarshalText reads "64MB" or "1GB", powers of 1024, or "0".
func (q *quota) UnmarshalText(text []byte) error {
	n, err := readSize(string(text))
	if err != nil {
		return errors.New("must be a size in MB or GB, or 0 for no limit")
	}
	*q = quota(n)
	return nil
}

// readSize reads "64MB", "1GB" or "0".
func readSize(text string) (int64, error) {
	number, unit := strings.TrimSpace(text), int64(0)
	for suffix, bytes := range map[string]int64{"MB": 1 << 20, "GB": 1 << 30} {
		if n, ok := strings.CutSuffix(number, suffix); ok {
			number, unit = n, bytes
		}
	}
	n, err := strconv.ParseUint(number, 10, 31)
	if err != nil || (unit == 0) != (n == 0) {
		return 0, errors.New("not a size")
	}
	return int64(n) * unit, nil
}

// limitCount is a number that may be 0, which is without a limit.
type limitCount int64

// UnmarshalText reads "1200" or "0".
func (c *limitCount) UnmarshalText(text []byte) error {
	n, err := strconv.ParseUint(strings.TrimSpace(string(text)), 10, 31)
	if err != nil {
		return errors.New("must be a number, such as 1200, or 0 for no limit")
	}
	*c = limitCount(n)
	return nil
}

// sessionsPerNetwork is how many demo sessions of one network, an IPv4 /24 or an IPv6 /48, may be alive.
const sessionsPerNetwork = 500

func (c config) quotas() app.Quotas {
	return app.Quotas{
		Demo: int64(c.DemoQuota), Customer: int64(c.CustomerQuota), Sessions: int(c.DemoSessions), PerNetwork: sessionsPerNetwork,
	}
}

// exchangeRates are the pegs, and what overrides them.
type exchangeRates struct{ canonical.Rates }

// UnmarshalText reads "QAR=3.64,KWD=0.307": what one US dollar costs.
func (r *exchangeRates) UnmarshalText(text []byte) error {
	override := map[string]string{}
	for pair := range strings.SplitSeq(string(text), ",") {
		currency, rate, found := strings.Cut(strings.TrimSpace(pair), "=")
		if !found {
			return errors.New("must be what one US dollar costs, by currency, such as QAR=3.64,KWD=0.307")
		}
		override[currency] = rate
	}
	var err error
	r.Rates, err = canonical.NewRates(override)
	return err
}

// logLevel is the least level that is logged.
type logLevel slog.Level

// UnmarshalText reads debug, info, warn or error.
func (l *logLevel) UnmarshalText(text []byte) error {
	switch strings.ToLower(string(text)) {
	case "debug", "info", "warn", "error":
		return (*slog.Level)(l).UnmarshalText(text)
	}
	return errors.New("must be debug, info, warn or error")
}

// logFormat is how a log line is written.
type logFormat string

// UnmarshalText reads text or json.
func (f *logFormat) UnmarshalText(text []byte) error {
	switch s := strings.ToLower(string(text)); s {
	case "text", "json":
		*f = logFormat(s)
		return nil
	}
	return errors.New("must be text or json")
}

func (c config) trustedProxies() []*net.IPNet {
	var networks []*net.IPNet
	for _, n := range c.TrustedProxies {
		networks = append(networks, (*net.IPNet)(&n))
	}
	return networks
}

func (c config) corsOrigins() []string {
	var origins []string
	for _, o := range c.CORSOrigin {
		origins = append(origins, string(o))
	}
	return origins
}
