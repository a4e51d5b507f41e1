#include "api/answer_judge.h"

#include <algorithm>

namespace podium::api {
namespace {

using convert::Activation;

struct AllAnswers {
  std::vector<Row> rows;
  bool are_scores = false;  ///< of the first output: one row of at least two numbers for each input
};

/// One row for each input where every output has it on axis 0, else one for the whole batch.
std::vector<Row> rows_of(std::span<const Activation> outputs) {
  const auto first_axis = [](const Activation& output) { return output.shape.empty() ? 0 : output.shape.front(); };
  const std::int64_t inputs = outputs.empty() ? 0 : first_axis(outputs.front());
  const bool in_rows =
      inputs > 0 && std::all_of(outputs.begin(), outputs.end(), [&](const Activation& output) { return first_axis(output) == inputs; });
  std::vector<Row> rows(in_rows ? static_cast<std::size_t>(inputs) : 1);
  for (const Activation& output : outputs) {
    const std::size_t length = output.values.size() / rows.size();
    for (std::size_t row = 0; row < rows.size(); ++row) {
      const auto part = output.values.subspan(row * length, length);
      rows[row].emplace_back(part.begin(), part.end());
    }
  }
  return rows;
}

Result<AllAnswers> answers_of(const ::onnx::ModelProto& model, convert::ActivationSource& source, std::size_t samples) {
  AllAnswers all;
  auto ran = source.run(model, [&](std::int64_t, std::span<const Activation> outputs) -> Result<void> {
    all.are_scores = !outputs.empty() && outputs.front().shape.size() == 2 && outputs.front().shape.back() > 1;
    for (Row& row : rows_of(outputs)) all.rows.push_back(std::move(row));
    return {};
  });
  if (!ran) return tl::unexpected(ran.error());
  if (all.rows.size() > samples) all.rows.resize(samples);
  return all;
}

bool same_best(const std::vector<float>& a, const std::vector<float>& b) {
  return std::max_element(a.begin(), a.end()) - a.begin() == std::max_element(b.begin(), b.end()) - b.begin();
}

double agreement(const std::vector<Row>& reference, const std::vector<Row>& answers) {
  std::size_t same = 0;
  for (std::size_t i = 0; i < reference.size(); ++i) {
    if (same_best(reference[i].front(), answers[i].front())) ++same;
  }
  return static_cast<double>(same) / static_cast<double>(reference.size());
}

}  // namespace

Result<AnswerJudge> AnswerJudge::create(const ::onnx::ModelProto& reference, convert::ActivationSource& source, std::size_t samples) {
  AnswerJudge judge(source, samples);
  auto answers = answers_of(reference, source, samples);
  if (!answers) return tl::unexpected(answers.error());
  if (answers->rows.empty() || answers->rows.front().empty())
    return fail(ErrorCode::bad_input, "the model gave no answer to be judged by", "check the model and its inputs");
  judge.reference_ = std::move(answers->rows);
  judge.gives_scores_ = answers->are_scores;
  return judge;
}

Result<Judgement> AnswerJudge::judge(const ::onnx::ModelProto& candidate, Precision precision) const {
  const auto answers = answers_of(candidate, source_, samples_);
  if (!answers) return tl::unexpected(answers.error());
  Judgement judgement{search::judge(reference_, answers->rows, precision), {}};
  if (gives_scores_ && answers->rows.size() == reference_.size()) judgement.top1_agreement = agreement(reference_, answers->rows);
  return judgement;
}

}  // namespace podium::api
