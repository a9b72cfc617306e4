# ICT Police's system fetches the hub's own form from the inbox: nothing to map.
.
