# Speaks the trial protocol as it is told on standard input, one command a line, fields separated by tabs; see the driver
# of the C++ client, of which this one takes report, exploit, snapshot, park, params and resume.
source(file.path(dirname(sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE))), "..", "curvewise.R"))
trial <- curvewise_trial()
input <- file("stdin", encoding = "UTF-8")
open(input)
while (length(line <- readLines(input, 1)) > 0) {
  # A last field that is empty would be left out.
  fields <- strsplit(paste0(line, "\t"), "\t", fixed = TRUE)[[1]]
  metrics <- as.numeric(sub("^.*=", "", fields[-(1:2)]))
  names(metrics) <- sub("=[^=]*$", "", fields[-(1:2)])
  said <- tryCatch(switch(fields[[1]],
    report = trial$report(as.numeric(fields[[2]]), metrics),
    exploit = trial$report(as.numeric(fields[[2]]), metrics, exploit = TRUE),
    snapshot = { trial$snapshot(as.numeric(fields[[2]]), fields[[3]]); "ok" },
    park = if (trial$park()) "continue" else "stop",
    params = jsonlite::toJSON(trial$params, auto_unbox = TRUE, digits = I(17), null = "null"),
    resume = paste(trial$resume, trial$resume_step, sep = "\t")
  ), curvewise_error = function(error) paste("error", error$code))
  cat(said, "\n", sep = "")
  flush(stdout())
}
