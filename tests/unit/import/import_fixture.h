#pragma once

#include <gmock/gmock.h>

#include <fstream>
#include <optional>
#include <string>
#include <vector>

#include "../temporary_folder.h"
#include "cache/cache.h"
#include "core/install_paths.h"
#include "import/import.h"

namespace podium::import {

using ::testing::HasSubstr;

/// A test with a cache and a folder of its own.
class ImportTest : public ::testing::Test {
 protected:
  ImportTest() : cache_(*cache::Cache::open(folder_.path() / "cache", std::int64_t{1} << 40)) {}

  Result<ImportedModel> import(const std::string& model, const std::vector<std::string>& python = {},
                               const std::filesystem::path& weights = {}) {
    return import_model({model, weights, shapes_, python}, cache_, cancel_, [this](const std::string& what) { progress_.push_back(what); });
  }

  Result<Variant> variant(const ImportedModel& model, const std::string& format, Precision precision = Precision::fp32,
                          const Shape& shape = {1, 4}) {
    VariantRequest request{format, precision, {}, {{"freezing", true}, {"flush-denormals", flush_denormals_}}, 1};
    request.calibration = calibration_;
    for (const TensorSpec& input : model.facts().inputs) request.inputs.push_back({input.name, input.type, shape});
    return model.variant(request, cancel_, [this](const std::string& what) { progress_.push_back(what); });
  }

  /// The interpreter that has PyTorch; nothing where there is none (a light set-up).
  static std::optional<std::vector<std::string>> python_with_torch() {
    const std::string python = python_interpreter();
    const std::string find = "import importlib.util, sys; sys.exit(importlib.util.find_spec(\"torch\") is None)";
    if (python.empty() || std::system(("'" + python + "' -c '" + find + "' >/dev/null 2>&1").c_str()) != 0) return std::nullopt;
    return std::vector{python};
  }

  test::TemporaryFolder folder_;
  cache::Cache cache_;
  CancelToken cancel_;
  std::map<std::string, Shape> shapes_;
  bool flush_denormals_ = false;
  std::filesystem::path calibration_;
  std::vector<std::string> progress_;
};

}  // namespace podium::import
