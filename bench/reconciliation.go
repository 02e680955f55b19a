package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"time"

	"structural.app/structural/server/apikey"
	"structural.app/structural/store"
)

const (
	wantedReportSeconds = 2 // for a report over 100,000 records
	reportedRecords     = 100_000
)

// measureReconciliation imports a customer's records into a fresh program, and has it report how they agree. The memory of the program
// should not grow with the import.
func measureReconciliation(ctx context.Context, b *bench) error {
	each := reportedRecords / 2 // of a platform
	if b.rounds == 1 {
		each /= 10
	}
	program, err := b.startProgram(ctx)
	if err != nil {
		return err
	}
	defer program.stop()
	key := apikey.New(string(store.ModeTest))
	if _, err := b.store.CreateCustomer(ctx, store.ModeTest, "reconciliation", apikey.Hash(key)); err != nil {
		return err
	}
	c := reportCustomer{"http://" + program.address + "/api/v1", key}
	var peaks, took [2]float64
	for i, records := range []int{each / 10, each} {
		start := time.Now()
		for platform, line := range paymentLines {
			if err := c.importPayments(ctx, platform, records, line); err != nil {
				return err
			}
		}
		took[i] = time.Since(start).Seconds()
		if peaks[i], err = peakMemoryMB(program.command.Process.Pid); err != nil {
			progress("  left out: this system does not tell the peak")
			return nil
		}
	}
	b.add(row{
		name: fmt.Sprintf("importing %d records, peak memory, vs %d", 2*each, each/5), unit: "MB", ours: peaks[1], baseline: peaks[0], wanted: 1.5,
	}, row{
		name: fmt.Sprintf("importing %d records, time of each, vs %d", 2*each, each/5), unit: "us/record",
		ours: took[1] * 1e6 / float64(2*each), baseline: took[0] * 1e6 / float64(each/5),
	})
	seconds, err := takeTurns(ctx, b.rounds, func() (float64, error) {
		start := time.Now()
		err := c.do(ctx, http.MethodGet, "/reconciliation", "", nil)
		return time.Since(start).Seconds(), err
	})
	if err != nil {
		return err
	}
	b.add(row{
		name: fmt.Sprintf("GET /reconciliation over %d records, vs what is wanted", 2*each), unit: "s", ours: seconds[0],
		baseline: wantedReportSeconds * float64(2*each) / reportedRecords, wanted: 1,
	})
	return nil
}

// paymentLines are records of each platform, of one payment: one in ten is of another amount.
var paymentLines = map[string]func(n int) string{
	"procore": func(n int) string {
		return fmt.Sprintf(`{"id":%d,"check_number":"CHK-%d","amount":"%d.00","date":"2026-02-%02d"}`+"\n", n+1, n, 1000+n, n%28+1)
	},
	"dynamics": func(n int) string {
		amount := 1000 + n
		if n%10 == 0 {
			amount += 7
		}
		return fmt.Sprintf(`{"id":"00000000-0000-4000-8000-%012d","externalDocumentNumber":"CHK-%d","amount":-%d,"currencyCode":"USD","postingDate":"2026-02-%02d"}`+"\n",
			n+1, n, amount, n%28+1)
	},
}

// reportCustomer is a customer of a program.
type reportCustomer struct{ url, key string }

func (c reportCustomer) importPayments(ctx context.Context, platform string, records int, line func(n int) string) error {
	body, w := io.Pipe()
	go func() {
		buffered := bufio.NewWriter(w)
		for n := range records {
			if _, err := buffered.WriteString(line(n)); err != nil {
				break
			}
		}
		w.CloseWithError(buffered.Flush())
	}()
	return c.do(ctx, http.MethodPost, "/connections/"+platform+"/records?entity_type=payment", "application/x-ndjson", body)
}

func (c reportCustomer) do(ctx context.Context, method, path, contentType string, body io.Reader) error {
	request, err := http.NewRequestWithContext(ctx, method, c.url+path, body)
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", "Bearer "+c.key)
	if contentType != "" {
		request.Header.Set("Content-Type", contentType)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode >= 300 {
		err = fmt.Errorf("%s %s: %d: %s", method, path, response.StatusCode, text)
	}
	return err
}
