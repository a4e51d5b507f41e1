#pragma once

#include <filesystem>
#include <string>

#include "cache/cache.h"
#include "import/exporter.h"
#include "import/import.h"

namespace podium::import {

/// A model as PyTorch's exporter takes it: the file that describes its source, and the hash of all that it stands for.
struct TorchSource {
  std::filesystem::path file;
  std::string sha256;
  cache::Entry hold;
};

/// The model as ONNX.
[[nodiscard]] Result<Variant> make_onnx(const Exporter& exporter, cache::Cache& cache, const TorchSource& source, Precision precision,
                                        const CancelToken& cancel, const OnProgress& on_progress);
/// The model as the Python worker reads it: its source, or for int8_static the program that the exporter quantized with
/// VariantRequest::calibration. ErrorCode::unsupported where there is no calibration data.
[[nodiscard]] Result<Variant> make_torch(const Exporter& exporter, cache::Cache& cache, const TorchSource& source,
                                         const VariantRequest& request, const CancelToken& cancel, const OnProgress& on_progress);
/// The model compiled by AOTInductor for one request; int8_static as above.
[[nodiscard]] Result<Variant> make_aoti(const Exporter& exporter, cache::Cache& cache, const TorchSource& source,
                                        const VariantRequest& request, const CancelToken& cancel, const OnProgress& on_progress);

/// An ONNX file is in fp32, and engines that can compute in less do so by themselves; ErrorCode::unsupported where the file itself would
/// have to change.
[[nodiscard]] Result<void> check_onnx_precision(Precision precision);
/// ErrorCode::unsupported for a format that no kind of model comes in.
[[nodiscard]] tl::unexpected<Error> unknown_format(const std::string& format);

}  // namespace podium::import
