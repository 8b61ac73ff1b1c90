// Speaks the trial protocol as it is told on standard input, one command a line, fields separated by tabs:
//   report STEP NAME=VALUE ...     exploit STEP NAME=VALUE ...     snapshot STEP PATH     park
//   params     resume
//   threads COUNT: each reports a step of its own        fork STEP: a copy of the process reports
// and prints what came of each as a line. The tests drive it.
#include <curvewise.hpp>

#include <sys/wait.h>

#include <atomic>
#include <iostream>
#include <string>
#include <thread>
#include <vector>

namespace {

std::vector<std::string> fields_of(const std::string& line) {
  std::vector<std::string> fields(1);
  for (char each : line) {
    if (each == '\t') {
      fields.emplace_back();
    } else {
      fields.back() += each;
    }
  }
  return fields;
}

curvewise::Metrics metrics_of(const std::vector<std::string>& fields) {
  curvewise::Metrics metrics;
  for (std::size_t each = 2; each < fields.size(); ++each) {
    const std::size_t equals = fields[each].rfind('=');
    metrics[fields[each].substr(0, equals)] = std::stod(fields[each].substr(equals + 1));
  }
  return metrics;
}

const char* name_of(curvewise::Action action) {
  switch (action) {
    case curvewise::Action::go_on:
      return "continue";
    case curvewise::Action::pause:
      return "pause";
    case curvewise::Action::stop:
      return "stop";
    case curvewise::Action::exploit:
      return "exploit";
  }
  return "";
}

int go_on_in_threads(curvewise::Trial& trial, long count) {
  std::atomic<int> gone_on(0);
  std::vector<std::thread> threads;
  for (long step = 1; step <= count; ++step) {
    threads.emplace_back([&trial, &gone_on, step] {
      if (trial.report(step, {{"loss", 1.0}}) == curvewise::Action::go_on) ++gone_on;
    });
  }
  for (std::thread& each : threads) each.join();
  return gone_on;
}

void report_from_copy(curvewise::Trial& trial, long step) {
  std::cout.flush();
  const pid_t copy = fork();
  if (copy == 0) {
    try {
      trial.report(step, {{"loss", 1.0}});
      std::cout << "reported" << std::endl;
    } catch (const curvewise::Error& error) {
      std::cout << "error " << error.code << std::endl;
    }
    _exit(0);
  }
  waitpid(copy, nullptr, 0);
}

void print(const curvewise::Value& value) {
  using Kind = curvewise::Value::Kind;
  bool is_first = true;
  switch (value.kind()) {
    case Kind::null:
      std::cout << "null";
      return;
    case Kind::boolean:
      std::cout << (value.boolean() ? "true" : "false");
      return;
    case Kind::number:
      std::cout << curvewise::detail::write_number(value.number());
      return;
    case Kind::text:
      std::cout << curvewise::detail::quote(value.text());
      return;
    case Kind::list:
      std::cout << "[";
      for (const auto& each : value.list()) {
        if (!is_first) std::cout << ",";
        is_first = false;
        print(each);
      }
      std::cout << "]";
      return;
    case Kind::mapping:
      std::cout << "{";
      for (const auto& each : value.members()) {
        if (!is_first) std::cout << ",";
        is_first = false;
        std::cout << curvewise::detail::quote(each.first) << ":";
        print(each.second);
      }
      std::cout << "}";
  }
}

}  // namespace

int main() {
  if (std::getenv("LC_ALL") != nullptr) std::setlocale(LC_ALL, "");
  curvewise::Trial trial;
  for (std::string line; std::getline(std::cin, line);) {
    const std::vector<std::string> fields = fields_of(line);
    const std::string& command = fields[0];
    const long step = fields.size() > 1 ? std::stol(fields[1]) : 0;
    try {
      if (command == "report") {
        std::cout << name_of(trial.report(step, metrics_of(fields))) << "\n";
      } else if (command == "exploit") {
        const auto action = trial.report_able_to_exploit(step, metrics_of(fields));
        std::cout << name_of(action) << "\n";
      } else if (command == "snapshot") {
        trial.hand_in(step, fields[2]);
        std::cout << "ok\n";
      } else if (command == "park") {
        std::cout << (trial.park() ? "continue" : "stop") << "\n";
      } else if (command == "threads") {
        std::cout << go_on_in_threads(trial, step) << " continue\n";
      } else if (command == "fork") {
        report_from_copy(trial, step);
      } else if (command == "params") {
        print(curvewise::Value(trial.params().all()));
        std::cout << "\n";
      } else if (command == "resume") {
        std::cout << trial.resume() << "\t" << trial.resume_step() << "\n";
      }
    } catch (const curvewise::Error& error) {
      std::cout << "error " << error.code << "\n";
    }
    std::cout.flush();
  }
  return trial.exit_code();
}
