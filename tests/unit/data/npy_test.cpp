#include "data_fixture.h"

namespace podium::data {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const WantedInput pair{"x", DataType::float32, {1, 2}, true};

Result<InputSet> read_npy(const std::string& content, const WantedInput& input = pair, std::size_t limit = 100) {
  const TemporaryFolder folder;
  return read_inputs(folder.write("x.npy", content), {input}, limit);
}

TEST(Npy, CountsSamplesOnItsFirstAxis) {
  const InputSet set = read_npy(npy("<f4", "(3, 2)", bytes_of<float>({1, 2, 3, 4, 5, 6}))).value();
  ASSERT_EQ(set.samples.size(), 3U);
  EXPECT_THAT(values_of<float>(set.samples[1][0]), ElementsAre(3, 4));
  EXPECT_TRUE(set.real);
  EXPECT_THAT(set.description, HasSubstr("3 samples from"));
}

TEST(Npy, IsReadUpToTheLimit) {
  EXPECT_EQ(read_npy(npy("<f4", "(3, 2)", bytes_of<float>({1, 2, 3, 4, 5, 6})), pair, 2)->samples.size(), 2U);
}

TEST(Npy, OfVersionsTwoAndThreeIsRead) {
  const std::string header = "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 2)}\n";
  for (const char version : {'\x02', '\x03'}) {
    const std::string file =
        std::string("\x93NUMPY") + version + std::string(1, '\0') + static_cast<char>(header.size()) + std::string(3, '\0') + header;
    EXPECT_TRUE(read_npy(file + bytes_of<float>({1, 2})));
  }
}

TEST(Npy, IsCastWhereNumPyMadeAnotherTypeByItself) {
  EXPECT_THAT(values_of<float>(read_npy(npy("<f8", "(1, 2)", bytes_of<double>({1.5, -2})))->samples[0][0]), ElementsAre(1.5F, -2.0F));
  const WantedInput narrow{"x", DataType::int32, {1, 2}, true};
  EXPECT_THAT(values_of<std::int32_t>(read_npy(npy("<i8", "(1, 2)", bytes_of<std::int64_t>({5, -6})), narrow)->samples[0][0]),
              ElementsAre(5, -6));
  const WantedInput wide{"x", DataType::int64, {1, 2}, true};
  EXPECT_THAT(values_of<std::int64_t>(read_npy(npy("<i4", "(1, 2)", bytes_of<std::int32_t>({5, -6})), wide)->samples[0][0]),
              ElementsAre(5, -6));
}

TEST(Npy, WithNumbersThatDoNotFitIsRefused) {
  const WantedInput narrow{"x", DataType::int32, {1, 2}, true};
  expect_error(read_npy(npy("<i8", "(1, 2)", bytes_of<std::int64_t>({5, std::int64_t{1} << 31})), narrow), ErrorCode::bad_input,
               {"do not fit into int32"});
}

TEST(Npy, OfAnotherTypeIsRefusedWithBothNames) {
  expect_error(read_npy(npy("<i8", "(1, 2)", bytes_of<std::int64_t>({1, 2}))), ErrorCode::bad_input, {"int64", "float32", "'x'"});
  expect_error(read_npy(npy("<f2", "(1, 2)", "abcd")), ErrorCode::bad_input, {"float16", "float32"});
}

TEST(Npy, OfAnotherShapeIsRefusedWithBothNames) {
  for (const char* shape : {"(2,)", "(1, 3)", "(1, 2, 1)", "()"}) {
    expect_error(read_npy(npy("<f4", shape, bytes_of<float>({1, 2, 3}))), ErrorCode::bad_input, {"has the shape", "takes Nx2"});
  }
}

TEST(Npy, WhoseSamplesAreBatchesIsToldToLeaveTheirAxisOut) {
  const auto read = read_npy(npy("<f4", "(3, 1, 2)", bytes_of<float>({1, 2, 3, 4, 5, 6})));
  expect_error(read, ErrorCode::bad_input, {"has the shape 3x1x2", "takes Nx2"});
  EXPECT_THAT(read.error().remedy, testing::HasSubstr("leave out the batch axis of each sample"));
  EXPECT_THAT(read_npy(npy("<f4", "(1, 3)", bytes_of<float>({1, 2, 3}))).error().remedy, testing::HasSubstr("whose first axis counts"));
}

TEST(Npy, WithoutSamplesIsRefused) {
  expect_error(read_npy(npy("<f4", "(0, 2)", "")), ErrorCode::bad_input, {"holds no samples"});
}

TEST(Npy, OfAnInputWithoutBatchAxisMayBeSharedBySamples) {
  const WantedInput fixed{"x", DataType::float32, {2}, false};
  EXPECT_EQ(read_npy(npy("<f4", "(2,)", bytes_of<float>({1, 2})), fixed)->samples.size(), 1U);
  EXPECT_EQ(read_npy(npy("<f4", "(3, 2)", bytes_of<float>({1, 2, 3, 4, 5, 6})), fixed)->samples.size(), 3U);
}

TEST(Npy, CutOffAnywhereIsRefused) {
  const std::string whole = npy("<f4", "(2, 2)", bytes_of<float>({1, 2, 3, 4}));
  for (std::size_t size = 0; size < whole.size(); ++size) EXPECT_FALSE(read_npy(whole.substr(0, size))) << size;
  expect_error(read_npy(whole.substr(0, whole.size() - 1)), ErrorCode::bad_input, {"cut off in sample 2 of 2"});
}

TEST(Npy, ThatIsNotPlainIsRefusedWithTheReason) {
  expect_error(read_npy(npy(">f4", "(1, 2)", "12345678")), ErrorCode::bad_input, {"big-endian"});
  expect_error(read_npy(npy("|O", "(1, 2)", "12345678")), ErrorCode::bad_input, {"Python objects"});
  expect_error(read_npy(npy("<U3", "(1, 2)", "12345678")), ErrorCode::bad_input, {"'<U3'", "no plain numbers"});
  expect_error(read_npy(npy("<f4", "(1, 2)", "12345678", "True")), ErrorCode::bad_input, {"Fortran order"});
}

TEST(Npy, OfNumPysOwnTestsWithPickledObjectsIsRefusedWithoutUnpickling) {
  const std::filesystem::path data = std::filesystem::path(PODIUM_SITE_PACKAGES) / "numpy/lib/tests/data";
  if (!std::filesystem::exists(data / "py3-objarr.npy")) GTEST_SKIP() << "this NumPy comes without its tests";
  expect_error(read_inputs(data / "py3-objarr.npy", {pair}, 1), ErrorCode::bad_input, {"Python objects"});
}

TEST(Npy, WithAHostileHeaderIsRefused) {
  const auto refuse = [](const std::string& header, const std::string& part) {
    const std::string file =
        std::string("\x93NUMPY\x01\x00", 8) + static_cast<char>(header.size() & 0xFFU) + static_cast<char>(header.size() >> 8U) + header;
    expect_error(read_npy(file), ErrorCode::bad_input, {part});
  };
  refuse("", "header is damaged");
  refuse("{", "header is damaged");
  refuse("{}", "header is damaged");
  refuse("{'descr': '<f4', 'fortran_order': False, 'shape': (-1, 2)}", "header is damaged");
  refuse("{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999, 2)}", "header is damaged");
  refuse("{'descr': '<f4', 'fortran_order': False, 'shape': (" + std::string(60'000, '1') + ")}", "header is damaged");
  refuse("{'descr': '<f4', 'fortran_order': maybe, 'shape': (1, 2)}", "header is damaged");
  refuse("{'descr': '<f4', 'shape': (1, 2)}", "header is damaged");
  refuse("{'descr': '<f4', 'fortran_order': False, 'shape': (1, 2", "header is damaged");
  refuse("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1, 2)}", "holds records");
  refuse("{'descr': '\x1b[2J', 'fortran_order': False, 'shape': (1, 2)}", "no plain numbers");
  expect_error(read_npy(std::string("\x93NUMPY\x02\x00\xFF\xFF\xFF\xFF", 12)), ErrorCode::bad_input, {"header claims 4294967295 bytes"});
  expect_error(read_npy(std::string("\x93NUMPY\x09\x00", 8)), ErrorCode::bad_input, {"version 9"});
}

TEST(Npy, ThatClaimsBillionsOfSamplesTakesOnlyWhatIsThere) {
  expect_error(read_npy(npy("<f4", "(4611686018427387904, 2)", "12345678")), ErrorCode::bad_input, {"cut off in sample 2"});
}

TEST(Npy, ServesModelsWithOneInputOnly) {
  const TemporaryFolder folder;
  const auto file = folder.write("x.npy", npy("<f4", "(1, 2)", "12345678"));
  expect_error(read_inputs(file, {pair, pair}, 1), ErrorCode::wrong_use, {"the model has 2 inputs"});
}

}  // namespace
}  // namespace podium::data
