package datacontract

import (
	"encoding/xml"
	"testing"
)

func TestDurationInXML(t *testing.T) {
	t.Parallel()
	for seconds, want := range map[int]string{
		0: "PT0S", 5: "PT5S", 60: "PT1M", 369: "PT6M9S", 3600: "PT1H", 4464: "PT1H14M24S",
	} {
		got, err := xml.Marshal(NewDuration(seconds))
		if err != nil || string(got) != "<Duration>"+want+"</Duration>" {
			t.Errorf("%d s are %s, %v, want %s", seconds, got, err, want)
		}
	}
}
