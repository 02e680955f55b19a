package main

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

func healthCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "health",
		Short: "Ask the server on this machine whether it is ready; fail if it is not",
		Long: `Ask the server that listens on ADDR, on this machine, whether it is ready; fail if it is not.

For a container's health check: the image has no shell and no curl.`,
		Args:              cobra.NoArgs,
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := readConfig()
			if err != nil {
				return err
			}
			req, err := http.NewRequestWithContext(cmd.Context(), http.MethodGet, "http://"+loopbackAddress(cfg.Addr)+"/readyz", nil)
			if err != nil {
				return err
			}
			resp, err := (&http.Client{Timeout: readyTimeout + time.Second}).Do(req)
			if err != nil {
				return err
			}
			defer resp.Body.Close()
			text, err := io.ReadAll(io.LimitReader(resp.Body, 1024))
			if err != nil {
				return err
			}
			answer := strings.TrimSpace(string(text))
			if resp.StatusCode != http.StatusOK {
				return errors.New(answer)
			}
			fmt.Fprintln(cmd.OutOrStdout(), answer)
			return nil
		},
	}
}

// loopbackAddress is where a program on this machine reaches a server that listens on addr.
func loopbackAddress(addr string) string {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return addr
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return net.JoinHostPort(host, port)
}
