"""What goes onto an appliance beside the program itself: units, scripts, dashboards."""
