#include "unit/report/sample_results.h"

#include <fmt/format.h>

namespace podium::report::test {
namespace {

constexpr double baseline_ms = 54.8;

Audit audit_of_onnxruntime() {
  Audit audit;
  audit.providers = {{"CPUExecutionProvider", 124}};
  audit.compute_types = {{"float32", 124}};
  audit.fallback_share = 0.0;
  return audit;
}

Environment sample_environment() {
  Environment environment;
  environment.cpu = "Intel(R) Xeon(R) Platinum 8481C";
  environment.isa = {"avx2", "avx512f", "avx512_vnni"};
  environment.cores = 2;
  environment.memory_bytes = std::int64_t{24} << 30;
  environment.os = "Debian GNU/Linux 12 (bookworm)";
  environment.versions = {{"onnxruntime", "1.32.0"}, {"openvino", "2026.4.1"}};
  environment.podium_version = "0.1.0";
  environment.build_type = "release";
  environment.warnings = {"the frequency governor is not known, so clocks may change while it measures"};
  return environment;
}

ModelFacts sample_model() {
  ModelFacts model;
  model.name = "torchvision:resnet50";
  model.origin = "torch";
  model.sha256 = std::string(64, 'a');
  model.inputs = {{"input", DataType::float32, {{-1, "batch"}, {3, ""}, {224, ""}, {-1, ""}}}};
  model.outputs = {{"logits", DataType::float32, {{-1, "batch"}, {1000, ""}}}};
  model.parameters = 25'557'032;
  model.flops = 8'178'000'000;
  model.trained_weights = false;
  return model;
}

Cell baseline_cell(std::int64_t batch) {
  Cell cell = measured_cell("torch-eager", Precision::fp32, batch, baseline_ms);
  cell.is_baseline = true;
  cell.ratio_to_baseline = Ratio{1.0, Interval{1.0, 1.0}};
  cell.output_error = {};
  cell.output_error.verdict = Verdict::agrees;
  cell.build_s.reset();
  cell.rank = 5;
  return cell;
}

Cell ended_cell(const std::string& backend, Precision precision, std::int64_t batch, CellStatus status, const std::string& reason) {
  Cell cell;
  cell.backend = backend;
  cell.precision = precision;
  cell.batch = batch;
  cell.id = fmt::format("{}/{}/b{}/cpu", backend, to_string(precision), batch);
  cell.status = status;
  cell.reason = reason;
  return cell;
}

Cell crashed_cell() {
  Cell cell =
      ended_cell("fake", Precision::fp32, 1, CellStatus::failed, "the worker was ended by signal 11 (SIGSEGV) while it loaded the model");
  cell.failure = Failure{"crash", 11, "about to crash\n"};
  return cell;
}

std::vector<Cell> cells_of_batch_1() {
  Cell winner = measured_cell("openvino", Precision::bf16, 1, 23.71);
  winner.rank = 1;
  winner.tied_with = {"onnxruntime/fp32/b1/cpu"};
  winner.output_error.sqnr_db = 41.2;
  Cell tied = measured_cell("onnxruntime", Precision::fp32, 1, 23.8);
  tied.rank = 1;
  tied.tied_with = {winner.id};
  Cell options = measured_cell("torch-compile", Precision::fp32, 1, 30.02);
  options.id += "/channels-last=on/mode=max-autotune";
  options.options = {{"channels-last", true}, {"mode", std::string("max-autotune")}, {"threads", std::int64_t{2}}};
  options.build_cached = true;
  options.rank = 3;
  Cell doubtful = measured_cell("aotinductor", Precision::bf16, 1, 41.2);
  doubtful.output_error.verdict = Verdict::cannot_judge;
  doubtful.output_error.reason = "the baseline's outputs barely differ between inputs";
  doubtful.rank = 4;
  Cell slow = measured_cell("torch-eager", Precision::bf16, 1, 69.0);
  slow.rank = 6;
  return {winner, tied, options, doubtful, baseline_cell(1), slow};
}

}  // namespace

Cell measured_cell(const std::string& backend, Precision precision, std::int64_t batch, double median_ms) {
  Cell cell = ended_cell(backend, precision, batch, CellStatus::ok, "");
  cell.options = {{"threads", std::int64_t{2}}};
  cell.variant_sha256 = std::string(64, 'b');
  Latency latency;
  latency.median = median_ms;
  latency.ci95 = Interval{median_ms * 0.996, median_ms * 1.004};
  latency.mean = median_ms * 1.01;
  latency.stddev = median_ms * 0.05;
  latency.minimum = median_ms * 0.95;
  latency.maximum = median_ms * 1.5;
  latency.p90 = median_ms * 1.08;
  latency.n = 240;
  cell.latency_ms = latency;
  const double alone = static_cast<double>(batch) * 1000.0 / median_ms;
  cell.throughput =
      Throughput{1.25 * alone, Interval{1.2 * alone, 1.3 * alone}, 2, {{"1", alone}, {"2", 1.25 * alone}, {"4", 1.2 * alone}}};
  cell.throughput_per_s = cell.throughput->per_s;
  cell.throughput_blocks = {{2, 0, 2'000'000, 20'000'000, 100, {}, false, {}}, {2, 1, 3'000'000, 20'000'000, 60, {}, true, "a hog"}};
  cell.throughput_blocks.back().load.foreign_share = 0.4;
  cell.throughput->blocks_set_aside = 1;
  const double ratio = median_ms / baseline_ms;
  cell.ratio_to_baseline = Ratio{ratio, Interval{ratio * 0.99, ratio * 1.01}};
  Block block;
  block.start_ns = 1'000'000;
  block.lead_in_ns = {30'000'000};
  block.samples_ns = {23'700'000, 23'720'000};
  cell.blocks = {block};
  cell.output_error = {98.4, 1e-5, 1e-6, 1.0, 20, Verdict::agrees, ""};
  cell.memory.peak_bytes = 312'000'000;
  cell.memory.steady_bytes = 290'000'000;
  cell.build_s = 3.42;
  cell.load_s = 0.61;
  cell.first_inference_ms = median_ms * 3.0;
  cell.artifact_bytes = 102'000'000;
  cell.audit = audit_of_onnxruntime();
  return cell;
}

Results sample_results() {
  Results results;
  results.environment = sample_environment();
  results.model = sample_model();
  results.command = {"podium", "bench", "torchvision:resnet50", "--batch", "1,8"};
  results.started = "2026-11-23T12:00:00Z";
  results.measured_s = 128.0;
  results.prepared_s = 61.4;
  results.data = "20 pictures from photos";
  results.cells = cells_of_batch_1();
  results.cells.push_back(crashed_cell());
  Cell rejected = ended_cell("fake", Precision::bf16, 1, CellStatus::rejected,
                             "its answers disagree with the baseline's: 3.1 dB, at least 20 are needed");
  rejected.output_error = {3.1, 4.2, 0.7, 0.41, 20, Verdict::disagrees, "3.1 dB where at least 20 are needed"};
  results.cells.push_back(rejected);
  results.cells.push_back(ended_cell("fake", Precision::fp16, 1, CellStatus::timeout, "one inference took more than 60 s"));
  for (const std::int64_t batch : {1, 8}) {
    for (const Precision precision : {Precision::fp32, Precision::bf16}) {
      results.cells.push_back(ended_cell("tensorrt", precision, batch, CellStatus::unsupported, "TensorRT is not installed"));
      results.cells.back().remedy = "pip install tensorrt==8.5.3.1";
    }
  }
  Cell winner = measured_cell("openvino", Precision::fp32, 8, 21.04);
  winner.rank = 1;
  Cell partial = measured_cell("onnxruntime", Precision::fp32, 8, 22.0);
  partial.status = CellStatus::partial;
  partial.reason = "the run was stopped";
  Cell baseline = baseline_cell(8);
  baseline.rank = 2;
  results.cells.insert(results.cells.end(), {winner, partial, baseline});
  results.cells.push_back(
      ended_cell("torch-compile", Precision::fp32, 8, CellStatus::out_of_memory, "its processes took more than 4.0 GB"));
  results.cells.back().remedy = "give it more with --memory-limit";
  return results;
}

Diagnosis sample_diagnosis() {
  BackendReport openvino;
  openvino.name = "openvino";
  openvino.engine = "OpenVINO";
  openvino.available = true;
  openvino.version = "2026.4.1";
  openvino.devices = {"cpu"};
  openvino.place = "/opt/intel/openvino/runtime/lib/intel64/Release/libopenvino.so.2640";
  openvino.precisions = {Precision::fp32, Precision::bf16};
  openvino.options = {{"hint", OptionType::choice, std::string("latency"), {"latency", "throughput"}, 0, 0, "what the engine tunes for"},
                      {"streams", OptionType::integer, std::int64_t{1}, {}, 1, 64, "inferences that may run at once"},
                      {"pinning", OptionType::flag, true, {}, 0, 0, "keeps each thread on one core"}};
  BackendReport tensorrt;
  tensorrt.name = "tensorrt";
  tensorrt.engine = "TensorRT";
  tensorrt.reason = "not built: its headers were not found";
  tensorrt.remedy = "cmake --preset release -DTensorRT_ROOT=PATH";
  BackendReport compiled;
  compiled.name = "torch-compile";
  compiled.engine = "PyTorch 2 compiled";
  compiled.reason = "there is no Python interpreter with PyTorch";
  compiled.remedy = "scripts/setup";
  compiled.options = {{"mode", OptionType::text, std::string(), {}, 0, 0, "passed on as it is"}};
  return {sample_environment(), {openvino, tensorrt, compiled}};
}

Inspection sample_inspection() {
  Inspection inspection;
  inspection.format = "ONNX";
  inspection.facts.name = "my models/text.onnx";
  inspection.facts.sha256 = std::string(64, 'c');
  inspection.facts.inputs = {{"input_ids", DataType::int64, {{-1, "batch"}, {-1, "sequence"}}},
                             {"pixels", DataType::float32, {{-1, "batch"}, {3, ""}, {224, ""}, {224, ""}}}};
  inspection.facts.outputs = {{"embedding", DataType::float32, {{-1, "batch"}, {-1, ""}, {384, ""}}}};
  inspection.facts.parameters = 22'713'216;
  inspection.file_bytes = 90'900'000;
  inspection.producer = "pytorch 2.15.0";
  inspection.opsets = {{"", 18}, {"com.microsoft", 1}};
  inspection.operators = {{"Add", 90}, {"MatMul", 96}, {"Gather", 3}};
  inspection.weight_bytes_by_type = {{"float32", 90'852'864}, {"int64", 4096}};
  return inspection;
}

Comparison sample_comparison() {
  const auto compared = [](Cell cell, CellChange change, double before, double after) {
    CellComparison comparison;
    cell.blocks.clear();
    comparison.cell = std::move(cell);
    comparison.change = change;
    comparison.before_ms = before;
    comparison.after_ms = after;
    const double ratio = after / before;
    comparison.ratio = Ratio{ratio, Interval{ratio * 0.996, ratio * 1.004}, 5};
    comparison.corrected = Interval{ratio * 0.993, ratio * 1.007};
    comparison.basis = ComparisonBasis::launches;
    comparison.units_before = 5;
    comparison.units_after = 4;
    return comparison;
  };
  const auto absent = [](Cell cell, CellChange change, const std::string& reason) {
    CellComparison comparison;
    comparison.cell = std::move(cell);
    comparison.change = change;
    comparison.reason = reason;
    return comparison;
  };
  Cell with_options = measured_cell("torch-compile", Precision::fp32, 1, 36.1);
  with_options.id += "/channels-last=on/mode=max-autotune";
  Comparison comparison;
  comparison.model = "torchvision:resnet50";
  comparison.machine = "A Processor, 2 CPUs";
  comparison.runs_before = 1;
  comparison.runs_after = 1;
  comparison.cells = {
      compared(baseline_cell(1), CellChange::tied, 54.8, 54.9),
      compared(with_options, CellChange::slower, 30.02, 36.11),
      compared(measured_cell("openvino", Precision::bf16, 1, 20.0), CellChange::faster, 23.71, 20.02),
      absent(ended_cell("fake", Precision::bf16, 1, CellStatus::unsupported, ""), CellChange::only_before, ""),
      absent(ended_cell("fake", Precision::fp16, 1, CellStatus::ok, ""), CellChange::only_before, "measured before, and not there after"),
      compared(measured_cell("openvino", Precision::fp32, 8, 150.0), CellChange::slower, 140.0, 147.0),
      absent(crashed_cell(), CellChange::not_comparable, "failed after: ended by signal 11 (SIGSEGV)"),
      absent(ended_cell("evil\x1b[31m|<b>", Precision::fp16, 8, CellStatus::ok, ""), CellChange::only_after, "")};
  comparison.cells[1].throughput =
      ThroughputComparison{CellChange::slower,        66.6, 55.4, 2, 1, Ratio{0.832, Interval{0.82, 0.844}, 3}, Interval{0.811, 0.853},
                           ComparisonBasis::launches, 3,    3};
  comparison.cells[4].missing_now = true;
  comparison.cells[6].breaks_now = true;
  comparison.runs = {{"before.json", "2026-11-20T08:00:00Z", false, {120, 0, 0, ""}},
                     {"after.json", "2026-11-22T08:00:00Z", true, {100, 4, 40, "a foreign load took 43 % of the CPUs"}}};
  comparison.what_changed = {{"openvino", "2026.3.0", "2026.4.1"}, {"threads", "2", "as many as CPUs"}};
  comparison.notes = {"the interval covers what differs from launch to launch, not what differs from run to run"};
  return comparison;
}

}  // namespace podium::report::test
