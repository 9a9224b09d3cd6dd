"""A wish and the observed state → a plan. Pure: every rule that Calypso itself checks is here."""
