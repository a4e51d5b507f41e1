#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "podium/bench.h"
#include "podium/calibration.h"
#include "podium/cancel.h"
#include "podium/report.h"
#include "podium/results.h"
#include "podium/types.h"

namespace podium {

/// What a conversion did.
struct ConversionReport {
  Precision to = Precision::fp32;
  std::int64_t nodes = 0;                        ///< of the model that was made, those inside other nodes' graphs too
  std::int64_t converted = 0;                    ///< of the original's nodes, that compute in the new precision
  std::map<std::string, std::string> left_wide;  ///< node → why it was not converted
  std::vector<std::string> notes;                ///< sentences: folded batch norms, clipped weights, …
};

struct ConvertRequest {
  std::string model;              ///< as in BenchRequest
  std::filesystem::path weights;  ///< likewise
  std::filesystem::path output;   ///< an .onnx file; weights beyond 1.5 GiB go into OUTPUT.data beside it
  Precision to = Precision::int8_static;
  std::string target = "any";         ///< the backend that will run the model; "any": what they agree on
  std::filesystem::path calibration;  ///< a folder of pictures, a .npz or a .npy: what ranges are found from; needed for int8_static
  std::filesystem::path data;         ///< likewise: what answers are judged on; empty: a quarter of `calibration`, kept apart
  std::filesystem::path preprocess;   ///< as in BenchRequest
  std::int64_t samples = 256;         ///< of each, at most
  CalibrationMethod method = CalibrationMethod::percentile;
  double percentile = 99.999;           ///< of the method of that name
  std::vector<std::string> exclude;     ///< names of nodes, or operator types, that stay wide
  bool keep_io = true;                  ///< of fp16 and bf16: inputs and outputs stay float32
  bool equalize = false;                ///< even out the channels of neighbouring layers before calibration
  std::optional<double> smooth;         ///< move outliers from activations into weights, at this strength (0 … 1)
  bool correct_biases = true;           ///< of int8_static: take the mean error of each layer out of its bias
  std::optional<double> min_sqnr_db;    ///< give the worst layers back to float until calibration data reach it
  std::optional<double> max_drop;       ///< likewise, by the share of inputs whose top-1 answer is another than in fp32
  std::map<std::string, Shape> shapes;  ///< as in BenchRequest
  std::int64_t batch = 0;               ///< of calibration; 0: 1, or the batch that the model is fixed to
  std::int64_t threads = 0;             ///< of the engine that computes activations; 0: the number of usable CPUs
  std::uint64_t seed = 0;               ///< of the choice which quarter of `calibration` is kept apart
};

struct Conversion {
  ConversionReport report;
  std::string model;  ///< as typed
  std::string target;
  std::vector<std::filesystem::path> files;  ///< what was written, the model first
  std::int64_t bytes_before = 0;             ///< of the float32 model in ONNX, weights in other files included
  std::int64_t bytes_after = 0;
  std::optional<CalibrationMethod> method;  ///< of int8_static
  std::string calibration;                  ///< "48 pictures from photos"; empty where there was none
  std::string judged_on;                    ///< likewise: inputs that calibration never saw
  OutputError error;                        ///< of the new model's outputs against the float32 model's, on those
  std::optional<double>
      top1_agreement;       ///< share of those inputs whose largest output is the same; where the first output is a row of scores
  std::string engine;       ///< that computed activations and answers, with its version; empty where none was needed
  bool bound_holds = true;  ///< false: reached on calibration data, not on those that calibration never saw
  std::string bound;        ///< "SQNR at least 20 dB"; empty where none was asked for
  double seconds = 0.0;
};

/// Makes a model of another precision from any model that bench() takes, and judges its answers. Writes the output by temporary file and
/// rename, at the end. Throws Exception for wrong requests, models and data, where no node can be converted, where a bound cannot be
/// reached (check_failed), and where it was cancelled; nothing is written then.
[[nodiscard]] Conversion convert_model(const ConvertRequest& request, BenchObserver& observer, const CancelToken& cancel);

[[nodiscard]] std::string to_table(const Conversion& conversion, const TableStyle& style);
/// Schema podium.conversion/1.
[[nodiscard]] std::string to_json(const Conversion& conversion);

}  // namespace podium
