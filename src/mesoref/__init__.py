"""mesoref: the offline, cited reference on gene therapy for mesothelioma."""

__version__ = "0.1.0"
