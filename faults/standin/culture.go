package standin

import (
	"strings"

	"github.com/groovechaos/groovechaos/faults/groove"
)

// languages are the countries that the service is taken to have been in, each
// with its first language. The reference names no list; this one is ours.
var languages = map[string]string{
	"AR": "es", "AT": "de", "AU": "en", "BE": "nl", "BO": "es", "BR": "pt", "CA": "en", "CH": "de",
	"CL": "es", "CO": "es", "CR": "es", "DE": "de", "DK": "da", "DO": "es", "EC": "es", "ES": "es",
	"FI": "fi", "FR": "fr", "GB": "en", "GT": "es", "HN": "es", "IE": "en", "IT": "it", "JP": "ja",
	"MX": "es", "NI": "es", "NL": "nl", "NO": "nb", "NZ": "en", "PA": "es", "PE": "es", "PL": "pl",
	"PT": "pt", "PY": "es", "SE": "sv", "SV": "es", "TR": "tr", "US": "en", "UY": "es", "VE": "es",
}

// culture reads country and language: "en-US" if neither is given.
func (p parameters) culture() (string, *problem) {
	country := strings.ToUpper(p["country"])
	if country == "" {
		country = "US"
	}
	if !twoLetters(country) {
		return "", refuse(groove.CodeInvalidInputParameter, "country is %q, want two letters", p["country"])
	}
	first, known := languages[country]
	if !known {
		return "", refuse(groove.CodeInvalidCountry, "country is %q", p["country"])
	}
	language := strings.ToLower(p["language"])
	if language == "" {
		language = first
	}
	if !twoLetters(language) {
		return "", refuse(groove.CodeInvalidInputParameter, "language is %q, want two letters", p["language"])
	}
	return language + "-" + country, nil
}

func twoLetters(s string) bool {
	return len(s) == 2 && letter(s[0]) && letter(s[1])
}

func letter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }
