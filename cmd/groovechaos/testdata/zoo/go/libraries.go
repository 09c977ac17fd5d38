package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	azpolicy "github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	azruntime "github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/streaming"
	"github.com/cenkalti/backoff/v5"
	"github.com/failsafe-go/failsafe-go/failsafehttp"
	"github.com/hashicorp/go-retryablehttp"
	restyhttp "resty.dev/v3"
)

// plain is net/http as it comes.
func plain(s *site) sender {
	client := &http.Client{}
	return func(ctx context.Context, c call) (int, error) {
		r, err := s.request(ctx, c)
		if err != nil {
			return 0, err
		}
		return finish(client.Do(r))
	}
}

// retryable is hashicorp/go-retryablehttp as it comes: 4 retries after 1, 2, 4 and 8 s.
func retryable(s *site) sender {
	client := retryablehttp.NewClient()
	client.Logger = nil
	client.ErrorHandler = retryablehttp.PassthroughErrorHandler
	return func(ctx context.Context, c call) (int, error) {
		plain, err := s.request(ctx, c)
		if err != nil {
			return 0, err
		}
		r, err := retryablehttp.FromRequest(plain)
		if err != nil {
			return 0, err
		}
		return finish(client.Do(r))
	}
}

// cenkalti is cenkalti/backoff as it comes, around a request that has failed at 429, 500 and above, or without an
// answer: it goes on for 15 minutes.
func cenkalti(s *site) sender {
	client := &http.Client{}
	return func(ctx context.Context, c call) (int, error) {
		return backoff.Retry(ctx, func() (int, error) {
			r, err := s.request(ctx, c)
			if err != nil {
				return 0, backoff.Permanent(err)
			}
			status, err := finish(client.Do(r))
			if err == nil && (status == http.StatusTooManyRequests || status >= http.StatusInternalServerError) {
				err = fmt.Errorf("the status is %d", status)
			}
			return status, err
		})
	}
}

// resty is resty v3 with 4 retries on the conditions that it offers.
func resty(s *site) sender {
	client := restyhttp.New().SetRetryCount(4).
		AddRetryConditions(restyhttp.RetryConditionStatusTooManyRequests, restyhttp.RetryConditionStatus5XX)
	return func(ctx context.Context, c call) (int, error) {
		r := client.R().SetContext(ctx)
		for name, values := range s.fields(c) {
			r.SetHeader(name, values[0])
		}
		if c.Body != "" {
			r.SetBody(c.Body)
		}
		response, err := r.Execute(c.Method, s.base+c.Path)
		if err != nil {
			return 0, err
		}
		return response.StatusCode(), nil
	}
}

// failsafe is the retry policy for HTTP of failsafe-go with 4 retries, 0.2 s that double up to 5 s, and a quarter of
// jitter.
func failsafe(s *site) sender {
	policy := failsafehttp.NewRetryPolicyBuilder().
		WithBackoff(200*time.Millisecond, 5*time.Second).WithJitterFactor(0.25).WithMaxRetries(4).
		ReturnLastFailure().Build()
	client := &http.Client{Transport: failsafehttp.NewRoundTripper(nil, policy)}
	return func(ctx context.Context, c call) (int, error) {
		r, err := s.request(ctx, c)
		if err != nil {
			return 0, err
		}
		return finish(client.Do(r))
	}
}

// azcore is the pipeline of the Azure SDK as it comes: 3 retries.
func azcore(s *site) sender {
	pipeline := azruntime.NewPipeline("zoo", "1.0.0", azruntime.PipelineOptions{}, &azpolicy.ClientOptions{})
	return func(ctx context.Context, c call) (int, error) {
		r, err := azruntime.NewRequest(ctx, c.Method, s.base+c.Path)
		if err != nil {
			return 0, err
		}
		fields := s.fields(c)
		for name, values := range fields {
			r.Raw().Header[name] = values
		}
		if c.Body != "" {
			if err := r.SetBody(seekable(c.Body), fields.Get("Content-Type")); err != nil {
				return 0, err
			}
		}
		return finish(pipeline.Do(r))
	}
}

// seekable is a body that can be rewound.
func seekable(text string) io.ReadSeekCloser { return streaming.NopCloser(strings.NewReader(text)) }
