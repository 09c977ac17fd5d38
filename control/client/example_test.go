package client_test

import (
	"context"
	"fmt"
	"log"

	"github.com/groovechaos/groovechaos/control/client"
	groovechaosv1 "github.com/groovechaos/groovechaos/proto/groovechaos/v1"
)

// Switch a fault on while something is tried, and off again.
//
//nolint:testableexamples // It wants a running groovechaos.
func Example() {
	c, err := client.Dial("127.0.0.1:7711", client.Options{})
	if err != nil {
		log.Fatal(err)
	}
	defer func() { _ = c.Close() }()

	ctx := context.Background()
	if _, err := c.Faults.EnableFault(ctx, &groovechaosv1.EnableFaultRequest{Name: "busy"}); err != nil {
		fmt.Println(err)
		return
	}
	// Here goes what is to be tried.
	if _, err := c.Faults.DisableFault(ctx, &groovechaosv1.DisableFaultRequest{Name: "busy"}); err != nil {
		fmt.Println(err)
	}
}

// An address off this machine is refused before anything is sent, unless there is TLS.
func ExampleDial() {
	_, err := client.Dial("chaos.example:7711", client.Options{})
	fmt.Println(err)
	// Output: dial "chaos.example:7711": host is "chaos.example", want TLS or a loopback address (127.0.0.0/8, ::1 or localhost): nothing goes in the clear over a network
}

// An error lists the fields that were refused.
func ExampleError() {
	err := error(&client.Error{
		Message: "2 problems",
		Fields: []client.Field{
			{Field: "fault.share", Description: "is 1.2, want 0 to 1"},
			{Field: "fault.name", Description: "is empty"},
		},
	})
	fmt.Println(err)
	// Output:
	// 2 problems
	//   fault.share is 1.2, want 0 to 1
	//   fault.name is empty
}
