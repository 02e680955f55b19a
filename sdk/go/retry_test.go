package structural_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	structural "structural.app/structural/sdk/go"
)

// handler stands for an API in trouble, and for the network before it: an answer of status 0 is none.
type handler func(w http.ResponseWriter, r *http.Request)

func (h handler) RoundTrip(r *http.Request) (*http.Response, error) {
	recorder := httptest.NewRecorder()
	recorder.Code = 0
	h(recorder, r)
	if recorder.Code == 0 {
		return nil, errors.New("connection reset by peer")
	}
	return recorder.Result(), nil
}

// received is a request as the API got it.
type received struct {
	at     time.Time
	header http.Header
	body   string
}

// inTurn answers the first requests with these, and the others with a success.
func inTurn(got *[]received, answers ...http.HandlerFunc) structural.Option {
	return structural.WithHTTPClient(&http.Client{Transport: handler(func(w http.ResponseWriter, r *http.Request) {
		var body []byte
		if r.Body != nil {
			body, _ = io.ReadAll(r.Body)
		}
		*got = append(*got, received{time.Now(), r.Header, string(body)})
		if n := len(*got); n <= len(answers) {
			answers[n-1](w, r)
			return
		}
		w.WriteHeader(http.StatusOK)
		io.WriteString(w, `{}`)
	})})
}

func answer(status int, retryAfter string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		if retryAfter != "" {
			w.Header().Set("Retry-After", retryAfter)
		}
		w.WriteHeader(status)
	}
}

func none(http.ResponseWriter, *http.Request) {}

func TestRetry_WaitsAsLongAsAsked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var got []received
		api := structural.New("http://api", structural.WithRetry(1), inTurn(&got, answer(429, "42")))
		_, err := api.GetConnections(t.Context())
		require.NoError(t, err)
		require.Len(t, got, 2)
		assert.Equal(t, 42*time.Second, got[1].at.Sub(got[0].at))
	})
}

func TestRetry_WaitsLongerEachTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var got []received
		api := structural.New("http://api", structural.WithRetry(4), inTurn(&got, none, answer(502, ""), answer(503, ""), answer(504, "")))
		_, err := api.GetConnections(t.Context())
		require.NoError(t, err)
		require.Len(t, got, 5)
		var waits []time.Duration
		for i := range got[1:] {
			waits = append(waits, got[i+1].at.Sub(got[i].at))
		}
		assert.Equal(t, []time.Duration{500 * time.Millisecond, time.Second, 2 * time.Second, 4 * time.Second}, waits)
	})
}

func TestRetry_GivesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var got []received
		busy := answer(429, "1")
		api := structural.New("http://api", structural.WithRetry(2), inTurn(&got, busy, busy, busy, busy))
		_, err := api.GetConnections(t.Context())
		var failure *structural.Error
		require.ErrorAs(t, err, &failure)
		assert.Equal(t, http.StatusTooManyRequests, failure.StatusCode)
		assert.Equal(t, time.Second, failure.RetryAfter)
		assert.Len(t, got, 3)
	})
}

func TestRetry_NotWhatWouldNotHelp(t *testing.T) {
	for _, status := range []int{400, 401, 404, 409, 412, 422, 500} {
		var got []received
		api := structural.New("http://api", structural.WithRetry(3), inTurn(&got, answer(status, "")))
		_, err := api.GetConnections(t.Context())
		var failure *structural.Error
		require.ErrorAs(t, err, &failure)
		assert.Equal(t, status, failure.StatusCode)
		assert.Len(t, got, 1, status)
	}
}

func TestRetry_NotWithoutBeingAsked(t *testing.T) {
	var got []received
	_, err := structural.New("http://api", inTurn(&got, answer(503, ""))).GetConnections(t.Context())
	require.Error(t, err)
	assert.Len(t, got, 1)
}

func TestRetry_EachOperation(t *testing.T) {
	for name, call := range map[string]func(context.Context, *structural.Client) error{
		"DeleteDemoSession": func(ctx context.Context, api *structural.Client) error { return api.DeleteDemoSession(ctx) },
		"ConnectPlatform": func(ctx context.Context, api *structural.Client) error {
			_, err := api.ConnectPlatform(ctx, structural.ConnectRequest{})
			return err
		},
		"GetConnections": func(ctx context.Context, api *structural.Client) error {
			_, err := api.GetConnections(ctx)
			return err
		},
		"GetConnectionSettings": func(ctx context.Context, api *structural.Client) error {
			_, err := api.GetConnectionSettings(ctx, structural.PlatformDynamics)
			return err
		},
		"SetConnectionSettings": func(ctx context.Context, api *structural.Client) error {
			_, err := api.SetConnectionSettings(ctx, structural.PlatformDynamics, structural.PostingSettings{})
			return err
		},
		"GetConnectionSettingsCoverage": func(ctx context.Context, api *structural.Client) error {
			_, err := api.GetConnectionSettingsCoverage(ctx, structural.PlatformDynamics)
			return err
		},
		"GetObjects": func(ctx context.Context, api *structural.Client) error {
			_, err := api.GetObjects(ctx, structural.GetObjectsParams{})
			return err
		},
		"GetObject": func(ctx context.Context, api *structural.Client) error {
			_, err := api.GetObject(ctx, "pay_1")
			return err
		},
		"GetObjectHistory": func(ctx context.Context, api *structural.Client) error {
			_, err := api.GetObjectHistory(ctx, "pay_1", structural.GetObjectHistoryParams{})
			return err
		},
		"GetReconciliation": func(ctx context.Context, api *structural.Client) error {
			_, err := api.GetReconciliation(ctx, structural.ReportFilter{})
			return err
		},
		"GetReconciliationDifferences": func(ctx context.Context, api *structural.Client) error {
			_, err := api.GetReconciliationDifferences(ctx, structural.GetReconciliationDifferencesParams{})
			return err
		},
		"GetRetainageReport": func(ctx context.Context, api *structural.Client) error {
			_, err := api.GetRetainageReport(ctx, structural.ReportFilter{})
			return err
		},
		"AcceptDifference": func(ctx context.Context, api *structural.Client) error {
			_, err := api.AcceptDifference(ctx, structural.AcceptDifferenceRequest{})
			return err
		},
		"PropagateChange": func(ctx context.Context, api *structural.Client) error {
			_, err := api.PropagateChange(ctx, structural.PropagateRequest{})
			return err
		},
		"TransformData": func(ctx context.Context, api *structural.Client) error {
			_, err := api.TransformData(ctx, structural.TransformRequest{})
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var got []received
				require.NoError(t, call(t.Context(), structural.New("http://api", structural.WithRetry(1), inTurn(&got, answer(503, "")))))
				assert.Len(t, got, 2)
			})
		})
	}
}

// A session that is lost on the way back would stay behind, and nobody would have its key.
func TestRetry_NotASession(t *testing.T) {
	var got []received
	_, err := structural.New("http://api", structural.WithRetry(3), inTurn(&got, none)).CreateDemoSession(t.Context())
	require.ErrorContains(t, err, "connection reset by peer")
	assert.Len(t, got, 1)
}

func TestRetry_SameChangeSameKey(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var got []received
		api := structural.New("http://api", structural.WithRetry(2), inTurn(&got, none, answer(503, "7")))
		request := structural.PropagateRequest{CanonicalID: "pay_1", Data: structural.Patch{"notes": nil}}
		_, err := api.PropagateChange(t.Context(), request)
		require.NoError(t, err)
		_, err = api.PropagateChange(t.Context(), request)
		require.NoError(t, err)
		_, err = api.PropagateChange(t.Context(), request, structural.IdempotencyKey("mine"), structural.IfMatch(7))
		require.NoError(t, err)
		require.Len(t, got, 5)
		key := func(i int) string { return got[i].header.Get("Idempotency-Key") }
		assert.NotEmpty(t, key(0))
		assert.Equal(t, key(0), key(1))
		assert.Equal(t, key(0), key(2))
		assert.NotEqual(t, key(0), key(3), "another change")
		assert.Equal(t, "mine", key(4))
		assert.Equal(t, `"7"`, got[4].header.Get("If-Match"))
		assert.Empty(t, got[3].header.Values("If-Match"))
		assert.Contains(t, got[0].body, `"notes":null`)
		assert.Equal(t, got[0].body, got[2].body)
	})
}

func TestRetry_EndsWithTheContext(t *testing.T) {
	t.Run("that would end while it waits", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			var got []received
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
			defer cancel()
			start := time.Now()
			api := structural.New("http://api", structural.WithRetry(1), inTurn(&got, answer(429, "42")))
			_, err := api.GetConnections(ctx)
			var failure *structural.Error
			require.ErrorAs(t, err, &failure)
			assert.Equal(t, 42*time.Second, failure.RetryAfter)
			assert.Equal(t, start, time.Now())
		})
	})
	t.Run("that ends while it waits", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			var got []received
			ctx, cancel := context.WithCancel(t.Context())
			time.AfterFunc(10*time.Second, cancel)
			start := time.Now()
			api := structural.New("http://api", structural.WithRetry(1), inTurn(&got, answer(429, "42")))
			_, err := api.GetConnections(ctx)
			require.ErrorIs(t, err, context.Canceled)
			assert.Equal(t, 10*time.Second, time.Since(start))
			assert.Len(t, got, 1)
		})
	})
}
