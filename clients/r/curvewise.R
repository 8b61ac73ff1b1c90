# Reports a training to Curvewise (docs/trial-protocol.md). Needs the packages jsonlite and processx.
#
#   source("curvewise.R")
#   trial <- curvewise_trial(list(lr = 0.1), max_steps = 30)
#   model <- if (is.null(trial$resume)) new_model(trial$params) else readRDS(trial$resume)
#   for (step in trial$steps()) {
#     model <- train(model)
#     action <- trial$report(step, loss = loss_of(model))
#     if (trial$should_save(step)) trial$save(step, function(path) saveRDS(model, path))
#     if (action != "continue" && !trial$park()) break
#   }

# The trial that Curvewise has started this program for. By hand, its reports go nowhere, and its params are `defaults`
# and what the command line says (--lr=0.01).
#   params, seed, max_steps, dir   what the trial is
#   resume, resume_step            the file to go on from, or NULL; the step after which it was saved (0, or -1
#                                  with `firstStep: 0`: from scratch)
#   steps()                        the steps that are left to train
#   report(step, ..., exploit)     metrics by name, as arguments or in a named vector; returns "continue", "pause" (save
#                                  and end), "stop" (end), or "exploit": load `resume`, take the new `params`, and train
#                                  on behind `resume_step`; only if `exploit` says that the program can
#   should_save(step)              whether to save now
#   park()                         after being told to pause and saving: waits in memory; TRUE if the trial goes on
#   save(step, write)              calls write(path), renames what it wrote into place, and hands it in
# Errors are conditions of class "curvewise_error" with `code`, `message` and `hint`.
curvewise_trial <- function(defaults = list(), max_steps = NULL) {
  get <- function(name) { value <- Sys.getenv(name); if (nzchar(value)) value }
  number <- function(name) { value <- get(name); if (!is.null(value)) as.numeric(value) }
  fail <- function(code, message, hint = "") {
    text <- trimws(paste0(message, ". ", hint))
    stop(structure(class = c("curvewise_error", "error", "condition"),
                   list(message = text, call = NULL, code = code, hint = hint)))
  }
  quoted <- function(text) as.character(jsonlite::toJSON(enc2utf8(text), auto_unbox = TRUE))
  whole <- function(step) sprintf("%.0f", step)
  numeral <- function(value) {
    if (is.nan(value) || is.na(value)) return('"NaN"')
    if (is.infinite(value)) return(if (value > 0) '"Infinity"' else '"-Infinity"')
    sprintf("%.17g", value)
  }

  socket <- get("CURVEWISE_SOCKET")
  connection <- NULL
  told <- "continue"
  ask <- function(message) {
    if (is.null(connection)) {
      # The address of a socket holds about a hundred bytes: a short path from its folder always fits.
      before <- setwd(dirname(socket))
      on.exit(setwd(before))
      connection <<- tryCatch(processx::conn_connect_unix_socket(basename(socket)), error = function(cause)
        fail("NOT_CONNECTED", "Curvewise does not answer", "Is the program that started this one still running?"))
    }
    rest <- charToRaw(enc2utf8(paste0(message, "\n")))
    while (length(rest) > 0) rest <- processx::conn_write(connection, rest)
    repeat {
      processx::poll(list(connection), -1)
      line <- processx::conn_read_lines(connection, 1)
      if (length(line) > 0) break
      if (!processx::conn_is_incomplete(connection))
        fail("NOT_CONNECTED", "Curvewise has closed the connection", "Is the program that started this one still running?")
    }
    answer <- jsonlite::fromJSON(line, simplifyVector = FALSE)
    if (!is.null(answer$error)) fail(answer$error$code, answer$error$message, c(answer$error$hint, "")[[1]])
    answer
  }

  trial <- new.env()
  trial$params <- defaults
  if (!is.null(file <- get("CURVEWISE_PARAMS"))) {
    trial$params <- utils::modifyList(defaults, jsonlite::fromJSON(file, simplifyVector = FALSE), keep.null = TRUE)
  } else for (argument in grep("^--[^=]+=", commandArgs(TRUE), value = TRUE)) {
    text <- sub("^--[^=]+=", "", argument)
    trial$params[[sub("^--([^=]+)=.*", "\\1", argument)]] <-
      tryCatch(jsonlite::fromJSON(text, simplifyVector = FALSE), error = function(cause) text)
  }
  trial$seed <- c(number("CURVEWISE_SEED"), 0)[[1]]
  trial$max_steps <- if (is.null(given <- number("CURVEWISE_MAX_STEPS"))) max_steps else given
  trial$dir <- c(get("CURVEWISE_DIR"), getwd())[[1]]
  trial$resume <- get("CURVEWISE_RESUME")
  first_step <- c(number("CURVEWISE_FIRST_STEP"), 1)[[1]]
  trial$resume_step <- c(number("CURVEWISE_RESUME_STEP"), first_step - 1)[[1]]
  trial$steps <- function() {
    if (is.null(trial$max_steps)) fail("NO_MAX_STEPS", "the study has no maxSteps", "Give curvewise_trial max_steps.")
    last <- trial$max_steps - 1 + first_step
    if (trial$resume_step >= last) return(numeric())
    seq(trial$resume_step + 1, last)
  }
  trial$report <- function(step, ..., exploit = FALSE) {
    metrics <- unlist(list(...))
    if (length(metrics) == 0 || is.null(names(metrics)) || !is.numeric(metrics))
      fail("REPORT_INVALID", "a report needs metrics by name", "Write trial$report(step, loss = 0.3).")
    if (is.null(socket)) return("continue")
    pairs <- paste(vapply(names(metrics), quoted, ""), vapply(metrics, numeral, ""), sep = ":", collapse = ",")
    answer <- ask(sprintf('{"report":{"step":%s,"metrics":{%s}%s}}', whole(step), pairs,
                          if (exploit) ',"exploit":true' else ""))
    if (answer$action == "exploit") {
      trial$params <- answer$params
      trial$resume <- answer$resume
      trial$resume_step <- answer$step
    }
    told <<- answer$action
    told
  }
  trial$should_save <- function(step) {
    every <- number("CURVEWISE_SNAPSHOT_EVERY")
    told == "pause" || (told == "continue" && !is.null(every) && (step + 1 - first_step) %% every == 0)
  }
  trial$snapshot <- function(step, path)
    if (!is.null(socket)) ask(sprintf('{"snapshot":{"step":%s,"path":%s}}', whole(step), quoted(path)))
  trial$park <- function() {
    if (told != "pause" || is.null(socket) || is.null(get("CURVEWISE_PARK"))) return(FALSE)
    answer <- ask('{"park":{}}')
    if (answer$action == "continue") told <<- "continue"
    answer$action == "continue"
  }
  trial$save <- function(step, write) {
    attempt <- c(get("CURVEWISE_ATTEMPT"), "1")[[1]]
    path <- file.path(trial$dir, sprintf("attempt-%s-step-%s", attempt, whole(step)))
    partial <- paste0(path, ".partial")
    on.exit(unlink(partial))
    write(partial)
    if (!file.rename(partial, path)) fail("SNAPSHOT_MISSING", "nothing was saved", "Write a file to the path that is given.")
    trial$snapshot(step, path)
    invisible(path)
  }
  trial
}
