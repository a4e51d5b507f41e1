#include <podium/artifact.h>

#include <fstream>
#include <iostream>
#include <set>
#include <string>
#include <vector>

namespace {

/// Every library that this process has loaded by now.
void print_libraries() {
  std::ifstream maps("/proc/self/maps");
  std::set<std::string> libraries;
  for (std::string line; std::getline(maps, line);) {
    const std::size_t at = line.find('/');
    if (at != std::string::npos) libraries.insert(line.substr(at));
  }
  for (const std::string& library : libraries) std::cout << "library " << library << "\n";
}

}  // namespace

/// Runs an artefact once on 0.25, 0.5, … and prints what it answers.
int main(int, char** arguments) {
  try {
    const podium::Model model = podium::load(arguments[1]);
    std::vector<float> values;
    for (int i = 1; i <= 4; ++i) values.push_back(0.25F * static_cast<float>(i));
    for (const podium::Tensor& output : model.run({podium::Tensor::view("features", values, {1, 4})})) {
      std::cout << output.name() << " " << podium::to_string(output.type());
      for (const float value : output.values<float>()) std::cout << " " << value;
      std::cout << "\n";
    }
    print_libraries();
  } catch (const podium::Exception& exception) {
    std::cerr << exception.error().message << "\n" << exception.error().remedy << "\n";
    return 1;
  }
}
