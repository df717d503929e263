"""The settings of the small sweep that a user's own picture is compared with."""

from tfstab import SweepConfig

FOG = SweepConfig(degradation="fog", severities=(20,), copies=1)
