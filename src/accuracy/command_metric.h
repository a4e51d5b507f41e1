#pragma once

#include <functional>
#include <string>
#include <vector>

#include "accuracy/rows.h"
#include "core/labels.h"
#include "core/result.h"

namespace podium::accuracy {

/// Runs a program to its end, guarded and with a limit on time, and returns the lines it printed. An error holds its output.
using RunProgram = std::function<Result<std::vector<std::string>>(const std::vector<std::string>& arguments)>;

/// A metric of the user's own: a program is run with a folder as its last argument, in which lie outputs_0.npy, outputs_1.npy, … (float32,
/// a row for each sample) and, where there are labels, labels.npy (float32). It prints one number, or one for each sample, a line each;
/// what it prints before is ignored where the last line alone is a number. An error where it fails, prints no number, or an output's rows
/// differ in length. `shown`: what the user calls the metric.
[[nodiscard]] Result<std::vector<double>> run_metric_program(const std::string& shown, std::vector<std::string> arguments, Rows answers,
                                                             const Labels* labels, const RunProgram& run);
/// The same for a command of the shell, which gets the folder as one more argument.
[[nodiscard]] Result<std::vector<double>> run_command_metric(const std::string& command, Rows answers, const Labels* labels,
                                                             const RunProgram& run);

}  // namespace podium::accuracy
