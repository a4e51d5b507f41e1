#pragma once

#include <string>

#include "core/result.h"
#include "podium/bench.h"

namespace podium::api {

/// Whether what was typed as a model is an artefact: a folder with a manifest, or a .zip.
[[nodiscard]] bool is_artifact(const std::string& model);

/// Measures an artefact's own files beside the baselines that they were chosen against, which are made from the original model. What is
/// measured, and with which data, shapes and threads, stands in the artefact's evidence; the request says how long and where it is kept.
[[nodiscard]] Result<Results> bench_artifact(const BenchRequest& request, BenchObserver& observer, const CancelToken& cancel);

}  // namespace podium::api
