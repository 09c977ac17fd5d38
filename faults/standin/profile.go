package standin

import (
	"strings"
	"time"

	"github.com/groovechaos/groovechaos/faults/groove"
	"github.com/groovechaos/groovechaos/faults/standin/datacontract"
)

// profile answers the profile endpoint: for a user with what the user has, for
// an application with what a country offers.
func (s *Standin) profile(c *call) (any, *problem) {
	answer := &datacontract.UserProfileResponse{Culture: c.culture, IsSubscriptionAvailableForPurchase: true}
	if c.caller.user == "" {
		if c.query["country"] == "" {
			return nil, refuse(groove.CodeInvalidAuthorizationHeader, "this takes the token of a user, or a country")
		}
		return answer, nil
	}
	answer.Collection = c.user.State()
	answer.HasSubscription = new(c.caller.subscribed)
	if c.caller.subscribed {
		_, region, _ := strings.Cut(c.culture, "-")
		// Always a month ahead: subscriptions of the stand-in do not end.
		end := s.options.Now().UTC().AddDate(0, 1, 0).Truncate(24 * time.Hour)
		answer.Subscription = &datacontract.SubscriptionState{EndDate: end.Format(time.RFC3339), Region: region, Type: "Paid"}
	}
	return answer, nil
}
