#pragma once

#include <string>
#include <vector>

#include "core/result.h"
#include "podium/compare.h"

/// What a comparison asks of each run by itself: which one it is, and whether it was left alone while it measured.
namespace podium::api {

/// The same in two files of one run.
[[nodiscard]] std::string mark_of(const Results& run);

struct MarkedFile {
  std::string file;
  std::string mark;
};
/// An error where a run is given twice: on one side its noise would look half as large, on both there is nothing to compare.
[[nodiscard]] Result<void> check_no_twins(const std::vector<MarkedFile>& runs);

[[nodiscard]] RunLoad load_of(const Results& run);
[[nodiscard]] RunLoad load_of(const std::vector<const Cell*>& cells);
/// A sentence that names the file, the share of its blocks and the evidence; empty where the run was left alone.
[[nodiscard]] std::string told_load(const std::string& file, const RunLoad& load);

}  // namespace podium::api
