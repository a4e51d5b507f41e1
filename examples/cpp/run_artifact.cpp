// Runs an artefact that `podium pack` or `podium optimize` wrote, once, on made-up numbers, and prints what it answers.
// usage: run_artifact DIR
#include <podium/artifact.h>

#include <cstdint>
#include <iostream>
#include <numeric>
#include <string>
#include <vector>

namespace {

/// The model's own shape; one of whatever axis is free.
podium::Shape shape_of(const podium::TensorSpec& input) {
  podium::Shape shape;
  for (const podium::Dimension& axis : input.dimensions) shape.push_back(axis.is_free() ? 1 : axis.size);
  return shape;
}

/// 0.25, 0.5, 0.75, …
std::vector<float> numbers(const podium::Shape& shape) {
  const std::int64_t count = std::accumulate(shape.begin(), shape.end(), std::int64_t{1}, [](auto a, auto b) { return a * b; });
  std::vector<float> values;
  for (std::int64_t i = 1; i <= count; ++i) values.push_back(0.25F * static_cast<float>(i));
  return values;
}

void print(const podium::Tensor& output) {
  std::cout << output.name() << " " << podium::to_string(output.type());
  for (const float value : output.values<float>()) std::cout << " " << value;
  std::cout << "\n";
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 2) {
    std::cerr << "usage: run_artifact DIR\n";
    return 2;
  }
  try {
    const podium::Model model = podium::load(arguments[1]);
    for (const std::string& notice : model.notices()) std::cerr << "mind: " << notice << "\n";
    const podium::TensorSpec& input = model.inputs().front();
    const podium::Shape shape = shape_of(input);
    std::vector<float> values = numbers(shape);
    for (const podium::Tensor& output : model.run({podium::Tensor::view(input.name, values, shape)})) print(output);
  } catch (const podium::Exception& exception) {
    std::cerr << exception.error().message << "\n" << exception.error().remedy << "\n";
    return 1;
  }
}
