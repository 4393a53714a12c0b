@echo off
rem Starts athanor on Windows (untested); builds it when its sources changed, which the build finds out itself.
setlocal
where dotnet >nul 2>nul
if errorlevel 1 (
  echo athanor: the .NET 10 SDK is not installed 1>&2
  echo   install it from https://dotnet.microsoft.com/download/dotnet/10.0 and run this again 1>&2
  exit /b 2
)
dotnet build "%~dp0src\Athanor.Cli" -c Release -v quiet -nologo 1>&2
if errorlevel 1 exit /b 2
dotnet "%~dp0src\Athanor.Cli\bin\Release\net10.0\athanor.dll" %*
exit /b %errorlevel%
