"""What the exporter makes of a PyTorch model: its description, ONNX, an AOTInductor package."""
