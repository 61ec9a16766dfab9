# A published CSV as an R data frame with the types of its datapackage.json. Needs the package jsonlite.
# Usage: Rscript read_with_r.R https://…/ waste_per_capita    (an address or the folder of a catalogue, and a name)
# Codes stay texts (007), only the empty cell is NA, and a number is a double: 15 digits.

read_dataset <- function(base, name) {
  base <- sub("/?$", "/", base)
  package <- jsonlite::fromJSON(paste0(base, name, "/datapackage.json"), simplifyVector = FALSE)
  table <- Filter(function(resource) identical(resource$type, "table"), package$resources)[[1]]
  kinds <- vapply(table$schema$fields, function(field) field$type, "")
  classes <- c(integer = "numeric", number = "numeric", year = "integer", boolean = "character", date = "Date")
  columns <- ifelse(kinds %in% names(classes), classes[kinds], "character")
  frame <- read.csv(paste0(base, name, "/", table$path), colClasses = unname(columns), na.strings = "",
                    fileEncoding = "UTF-8", check.names = FALSE)
  for (at in which(kinds == "boolean")) frame[[at]] <- frame[[at]] == "true"
  frame
}

arguments <- commandArgs(trailingOnly = TRUE)
if (length(arguments) == 2) {
  write.csv(read_dataset(arguments[1], arguments[2]), row.names = FALSE, na = "", fileEncoding = "UTF-8")
} else if (!interactive()) {
  cat("Usage: Rscript read_with_r.R BASE NAME\n")
}
